import type { Granularity } from './row-axis.ts'

/** Date ends there; beyond, there is nothing to show. */
const MAX_DATE_MS = 8.64e15
const DAY_MS = 86_400_000

const MONTH = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' })

/**
 * A time for people, as exactly as it was told and no more: `1956`, `Q3 1956`, `July 1956`, `2021-W04`, `2024-05-01`,
 * `2024-05-01 13:30` (UTC). Undefined for what is no date. Pure.
 */
export function timeLabel(ms: number, granularity: Granularity): string | undefined {
  if (!(Math.abs(ms) <= MAX_DATE_MS)) return undefined
  const date = new Date(ms)
  const iso = date.toISOString()
  switch (granularity) {
    case 'year':
      return String(date.getUTCFullYear())
    case 'quarter':
      return `Q${Math.floor(date.getUTCMonth() / 3) + 1} ${date.getUTCFullYear()}`
    case 'month':
      return MONTH.format(date)
    case 'week':
      return isoWeek(ms)
    case 'day':
      return iso.slice(0, 10)
    case 'time':
      return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 16).replace('T', ' ')
  }
}

/** The ISO 8601 week: the one with the year's first Thursday is the first. */
function isoWeek(ms: number): string {
  const day = Math.floor(ms / DAY_MS)
  // 1 January 1970 was a Thursday.
  const thursday = day - ((((day + 3) % 7) + 7) % 7) + 3
  const year = new Date(thursday * DAY_MS).getUTCFullYear()
  const week = Math.floor((thursday - Date.UTC(year, 0, 1) / DAY_MS) / 7) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}
