import type { Column } from '#schemas/document.ts'
import { presentNumbers } from './present-numbers.ts'

/** What the values of a column are like, before anything is said of what they mean. */
export interface ColumnProfile {
  name: string
  kind: Column['kind']
  rows: number
  /** Present values. */
  count: number
  distinct: number
  /** Present numbers in row order; empty for columns of words. */
  numbers: Float64Array
  /** All of `numbers` are whole. */
  whole: boolean
  min: number
  max: number
  /** Distinct words, the first 1,000; empty for columns of numbers. */
  words: string[]
}

const MAX_WORDS = 1_000
const NONE = presentNumbers([])

/** One pass over a column. Pure. */
export function columnProfile({ name, kind, values }: Column): ColumnProfile {
  const isNumeric = kind === 'number' || kind === 'temporal'
  const { values: numbers, ranking } = isNumeric ? presentNumbers(values) : NONE
  const present = isNumeric ? [] : values.filter((value) => value !== null)
  const words = new Set(present)
  let [min, max, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true]
  for (const value of numbers) {
    if (value < min) min = value
    if (value > max) max = value
    if (whole && !Number.isInteger(value)) whole = false
  }
  return {
    name,
    kind,
    rows: values.length,
    count: isNumeric ? numbers.length : present.length,
    distinct: isNumeric ? ranking().ties.reduce((left, tie) => left - (tie - 1), numbers.length) : words.size,
    numbers,
    whole: whole && numbers.length > 0,
    min,
    max,
    words: [...words].slice(0, MAX_WORDS).map(String),
  }
}
