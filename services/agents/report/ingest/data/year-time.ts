import type { Granularity } from './instant.ts'

/** Numbers that tell the time: how to read one, and how exactly they tell it. */
export interface NumericTime {
  name: string
  toMs(value: number): number
  granularity: Granularity
}

/** Names under which numbers of this range are years; `year` itself is told by its role. */
const YEAR_TIME_NAME = /^(?:time|date|t|index|decimal[\s_.-]?(?:date|year)|dec(?:imal)?[\s_.-]?year)$/i
const DECIMAL_YEAR_NAME = /(?:^|[\s_.-])(?:year|yr|jahr)$/i
const YEARS = { from: 1500, to: 2200 } as const
const YEAR_STEPS: readonly number[] = [1, 5, 10]
const BASE_YEAR = 2000
const MONTHS_A_YEAR = 12
const QUARTERS_A_YEAR = 4
/** Written with two decimals, 1949.08 is 1949 and a twelfth less 0.04 of a month; with three nothing of note. */
const TOLERANCE = 0.07
/** Fewer could be prices that happen to lie there. */
const MIN_YEARS = 6

/**
 * Whether numbers count years, as exports of time series write them: 1871, 1872 … under `time`, or 1949.0833 for February 1949 and 1960.25
 * for the second quarter of 1960. They differ from row to row by even steps of a year, a quarter or a month. Pure.
 */
export function yearTimeOf(name: string, values: readonly number[]): NumericTime | undefined {
  const plain = name.trim()
  const isTime = YEAR_TIME_NAME.test(plain)
  if (!isTime && !DECIMAL_YEAR_NAME.test(plain)) return undefined
  if (values.length < MIN_YEARS || values.some((value) => value < YEARS.from || value > YEARS.to))
    return undefined
  const isWhole = values.every(Number.isInteger)
  // Whole numbers under `year` are years already.
  if (isWhole)
    return isTime && isRun(values) ? { name: 'years', toMs: yearStart, granularity: 'year' } : undefined
  if (fits(values, QUARTERS_A_YEAR))
    return { name: 'decimal years, a row a quarter', toMs: monthMs(QUARTERS_A_YEAR), granularity: 'quarter' }
  if (fits(values, MONTHS_A_YEAR))
    return { name: 'decimal years, a row a month', toMs: monthMs(MONTHS_A_YEAR), granularity: 'month' }
  return undefined
}

/** Whole numbers that rise by one, or by five or ten (censuses), or come again in several runs of them. */
function isRun(values: readonly number[]): boolean {
  const years = [...new Set(values)].sort((a, b) => a - b)
  return (
    years.length >= MIN_YEARS &&
    YEAR_STEPS.includes((years.at(-1)! - years[0]!) / (years.length - 1)) &&
    isEven(years)
  )
}

/** Every value is a whole number of parts of a year, and more than one part occurs. */
function fits(values: readonly number[], parts: number): boolean {
  const near = (value: number) => Math.abs(value * parts - Math.round(value * parts)) <= TOLERANCE
  return values.every(near) && new Set(values.map((value) => Math.round(value * parts) % parts)).size > 1
}

function isEven(years: readonly number[]): boolean {
  const step = years[1]! - years[0]!
  return years.every((year, i) => i === 0 || year - years[i - 1]! === step)
}

function yearStart(year: number): number {
  return Date.UTC(year, 0, 1)
}

/** First day of the part of the year that a number tells. */
function monthMs(parts: number): (value: number) => number {
  // Months may be beyond those of a year, also below zero: counted from a year that is in no century by mistake.
  return (value) => Date.UTC(BASE_YEAR, (Math.round((value - BASE_YEAR) * parts) * MONTHS_A_YEAR) / parts, 1)
}
