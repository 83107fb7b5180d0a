import {
  type CalendarPart,
  isCalendarRange,
  monthNumber,
  namedCalendarPart,
  quarterNumber,
} from './calendar-part.ts'
import type { RoledColumn, RowAxis } from './row-axis.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MONTHS_A_QUARTER = 3
/** Share of the rows with a year whose other part must be readable. */
const MIN_VALID_SHARE = 0.95

type Part = { name: string; numbers: Float64Array }

/**
 * A year with a month (and a day), a quarter or a week of columns of their own; null where no such column goes with it. Pure.
 *
 * @param axis of years: 1 January of each
 */
export function combinedTime(axis: RowAxis, columns: readonly RoledColumn[]): RowAxis | null {
  const month = partOf('month', axis, columns)
  if (month) {
    const day = partOf('day', axis, columns)
    const withDay = day && combine(axis, [month, day], dateOf)
    if (withDay && isFiner(withDay.at, axis.at)) return { ...withDay, granularity: 'day' }
    return { ...combine(axis, [month], dateOf), granularity: 'month' }
  }
  const quarter = partOf('quarter', axis, columns)
  if (quarter) {
    const at = (year: number, [number]: readonly number[]) =>
      Date.UTC(year, (number! - 1) * MONTHS_A_QUARTER, 1)
    return { ...combine(axis, [quarter], at), granularity: 'quarter' }
  }
  const week = partOf('week', axis, columns)
  return week ? { ...combine(axis, [week], weekStart), granularity: 'week' } : null
}

/** A date with an hour in a column of its own, where the dates alone come again; else null. Pure. */
export function withHour(axis: RowAxis, columns: readonly RoledColumn[]): RowAxis | null {
  const hour = partOf('hour', axis, columns)
  if (!hour) return null
  const at = axis.at.map((ms, row) => ms + hour.numbers[row]! * HOUR_MS)
  if (!isFiner(at, axis.at)) return null
  return { kind: 'time', columns: [...axis.columns, hour.name], granularity: 'time', at }
}

function partOf(part: CalendarPart, axis: RowAxis, columns: readonly RoledColumn[]): Part | undefined {
  const timed = axis.at.reduce((sum, ms) => sum + (Number.isFinite(ms) ? 1 : 0), 0)
  for (const { column, role } of columns) {
    if (role !== 'calendar' && role !== 'constant') continue
    const named = namedCalendarPart(column.name)
    const isMonth =
      part === 'month' && column.values.some((value) => typeof value === 'string' && monthNumber(value))
    if (named !== part && !isMonth) continue
    const numbers = new Float64Array(axis.at.length).fill(Number.NaN)
    let valid = 0
    column.values.forEach((value, row) => {
      const number = numberOf(part, value)
      if (number === undefined) return
      numbers[row] = number
      if (Number.isFinite(axis.at[row])) valid++
    })
    if (valid >= MIN_VALID_SHARE * timed) return { name: column.name, numbers }
  }
  return undefined
}

function numberOf(part: CalendarPart, value: unknown): number | undefined {
  if (part === 'month') return monthNumber(value)
  if (part === 'quarter') return quarterNumber(value)
  const number = typeof value === 'number' ? value : Number.NaN
  return Number.isInteger(number) && isCalendarRange(part, { min: number, max: number }) ? number : undefined
}

function combine(
  axis: RowAxis,
  parts: readonly Part[],
  instant: (year: number, numbers: readonly number[]) => number,
): RowAxis {
  const at = axis.at.map((ms, row) => {
    const numbers = parts.map(({ numbers }) => numbers[row]!)
    if (!Number.isFinite(ms) || numbers.some(Number.isNaN)) return Number.NaN
    return instant(new Date(ms).getUTCFullYear(), numbers)
  })
  return { kind: 'time', columns: [...axis.columns, ...parts.map(({ name }) => name)], at }
}

/** NaN for a day that the month does not have. */
function dateOf(year: number, [month, day = 1]: readonly number[]): number {
  const ms = Date.UTC(year, month! - 1, day)
  return new Date(ms).getUTCDate() === day ? ms : Number.NaN
}

/** The Monday of an ISO 8601 week: the one with 4 January is the first. */
function weekStart(year: number, [week]: readonly number[]): number {
  const fourth = Date.UTC(year, 0, 4)
  const weekday = (new Date(fourth).getUTCDay() + 6) % 7
  return fourth + ((week! - 1) * 7 - weekday) * DAY_MS
}

function isFiner(at: Float64Array, than: Float64Array): boolean {
  return new Set(at).size > new Set(than).size
}
