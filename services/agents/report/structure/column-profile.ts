import type { Column } from '#schemas/document.ts'

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

/** One pass over a column. Pure. */
export function columnProfile({ name, kind, values }: Column): ColumnProfile {
  const isNumeric = kind === 'number' || kind === 'temporal'
  const present = values.filter((value) =>
    isNumeric ? typeof value === 'number' && Number.isFinite(value) : value !== null,
  )
  const distinct = new Set(present)
  const numbers = isNumeric ? Float64Array.from(present as number[]) : new Float64Array()
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
    count: present.length,
    distinct: distinct.size,
    numbers,
    whole: whole && numbers.length > 0,
    min,
    max,
    words: isNumeric ? [] : [...distinct].slice(0, MAX_WORDS).map(String),
  }
}
