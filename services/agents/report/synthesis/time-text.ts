import type { ColumnFinding } from '#schemas/analysis.ts'

/** Dates for people, always in UTC: a report reads the same everywhere. */

const DAY_MS = 86_400_000

export type TimeUnit = 'year' | 'month' | 'day' | 'minute'

const FORMATS: Record<TimeUnit, Intl.DateTimeFormatOptions> = {
  year: { year: 'numeric' },
  month: { year: 'numeric', month: 'short' },
  day: { year: 'numeric', month: 'short', day: 'numeric' },
  minute: {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  },
}

/** The coarsest unit that still tells neighbouring times apart. */
export function timeUnitOf(times: readonly number[]): TimeUnit {
  const sorted = [...times].sort((a, b) => a - b)
  const gaps = sorted.slice(1).map((time, index) => time - sorted[index]!)
  const smallest = Math.min(...gaps.filter((gap) => gap > 0))
  if (!Number.isFinite(smallest)) return 'day'
  if (smallest >= 360 * DAY_MS) return 'year'
  if (smallest >= 27 * DAY_MS) return 'month'
  return smallest >= 0.9 * DAY_MS ? 'day' : 'minute'
}

/** A time as `2019`, `Mar 2019`, `3 Mar 2019` or `3 Mar 2019, 14:05`. */
export function timeText(timeMs: number, unit: TimeUnit): string {
  if (Math.abs(timeMs) > 8.64e15) return 'unknown time'
  return new Intl.DateTimeFormat('en-GB', { ...FORMATS[unit], timeZone: 'UTC' }).format(timeMs)
}

/** When the report was made: to the minute. */
export function stampText(timeMs: number): string {
  return `${timeText(timeMs, 'minute')} UTC`
}

/** A position in a film: `1:05`, `1:02:05`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

const ISO_TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?Z?)?$/

/** A label that is a date of the analysis (`2012-01-01`, `2012-01-01 05:30`, UTC) as Unix milliseconds; else undefined. */
export function labelTimeMs(label: string | undefined): number | undefined {
  const parts = ISO_TIME.exec(label ?? '')
  if (!parts) return undefined
  const timeMs = Date.parse(`${parts[1]}T${parts[2] ?? '00:00'}:00Z`)
  return Number.isNaN(timeMs) ? undefined : timeMs
}

/** Where a row stands, for people: its date as fine as the series needs it, else its label, else its number. */
export function whereText(
  { row, label }: { row: number; label?: string | undefined },
  series: ColumnFinding['series'],
): string {
  const timeMs = labelTimeMs(label)
  if (timeMs === undefined || series?.xKind !== 'time') return label ?? `row ${row}`
  return timeText(timeMs, timeUnitOf(series.points.map(([x]) => x)))
}
