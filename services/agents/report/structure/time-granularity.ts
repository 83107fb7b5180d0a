import type { Granularity } from './row-axis.ts'

const DAY_MS = 86_400_000
const WEEK_DAYS = 7
/** Fewer dates may stand on the same weekday or on firsts of months by chance. */
const MIN_MOMENTS = 4

/**
 * The coarsest unit that all times fit: firsts of months are months, 1 January of each year a year, dates always on one weekday are
 * weeks. What was written coarser stays so. Pure.
 *
 * @param at Unix milliseconds, NaN where missing
 */
export function coarsestGranularity(at: Float64Array, written?: Granularity): Granularity {
  if (written !== undefined && written !== 'day' && written !== 'time') return written
  const moments = [...new Set(at)].filter(Number.isFinite)
  if (moments.some((ms) => ms % DAY_MS !== 0)) return 'time'
  if (moments.length < MIN_MOMENTS) return 'day'
  const dates = moments.map((ms) => new Date(ms))
  if (dates.every((date) => date.getUTCDate() === 1)) {
    return dates.every((date) => date.getUTCMonth() === 0) ? 'year' : 'month'
  }
  const first = moments[0]!
  return moments.every((ms) => ((ms - first) / DAY_MS) % WEEK_DAYS === 0) ? 'week' : 'day'
}
