import type { Instant } from './instant.ts'

const ZERO = 48
const [BLANK, DASH, COLON, T, Z] = [32, 45, 58, 84, 90]
const DATE_CHARACTERS = 10
const CLOCK_CHARACTERS = 19

/**
 * `2024-02-29` and `2024-02-29T10:30:00`, with a blank for the T and with or without a Z, ten times as fast as a pattern; undefined for
 * anything else, also for days that do not exist. Pure.
 */
export function isoInstant(cell: string): Instant | undefined {
  const { length } = cell
  const isTime =
    length === CLOCK_CHARACTERS || (length === CLOCK_CHARACTERS + 1 && cell.charCodeAt(length - 1) === Z)
  if (length !== DATE_CHARACTERS && !isTime) return undefined
  if (cell.charCodeAt(4) !== DASH || cell.charCodeAt(7) !== DASH) return undefined
  const year = twoDigits(cell, 0) * 100 + twoDigits(cell, 2)
  const month = twoDigits(cell, 5)
  const day = twoDigits(cell, 8)
  if (!(year >= 1000 && year < 3000 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month)))
    return undefined
  const date = Date.UTC(year, month - 1, day)
  if (!isTime) return { ms: date, granularity: 'day' }
  const between = cell.charCodeAt(DATE_CHARACTERS)
  if ((between !== T && between !== BLANK) || cell.charCodeAt(13) !== COLON || cell.charCodeAt(16) !== COLON)
    return undefined
  const [hour, minute, second] = [twoDigits(cell, 11), twoDigits(cell, 14), twoDigits(cell, 17)]
  if (!(hour <= 23 && minute <= 59 && second <= 60)) return undefined
  const ms = date + hour * 3_600_000 + minute * 60_000 + second * 1000
  return { ms, granularity: 'time', ...(length > CLOCK_CHARACTERS && { zoneMs: 0 }) }
}

/** NaN where there are none. */
function twoDigits(cell: string, at: number): number {
  const tens = cell.charCodeAt(at) - ZERO
  const ones = cell.charCodeAt(at + 1) - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
