import { sortedCopy } from '#platform/statistics/median.ts'
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
  const numbers = isNumeric ? new Float64Array(present as number[]) : new Float64Array()
  const words = isNumeric ? new Set<Column['values'][number]>() : new Set(present)
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
    distinct: isNumeric ? distinctNumbers(numbers) : words.size,
    numbers,
    whole: whole && numbers.length > 0,
    min,
    max,
    words: [...words].slice(0, MAX_WORDS).map(String),
  }
}

/** By sorting: of many numbers a set takes several times as long. */
function distinctNumbers(numbers: Float64Array): number {
  const sorted = sortedCopy(numbers)
  let distinct = Math.min(1, sorted.length)
  for (let i = 1; i < sorted.length; i++) if (sorted[i]! !== sorted[i - 1]!) distinct++
  return distinct
}
