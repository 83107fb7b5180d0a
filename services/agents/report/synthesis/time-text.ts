import type { ColumnFinding, TableStructure } from '#schemas/analysis.ts'

/** Dates for people, always in UTC: a report reads the same everywhere. */

const DAY_MS = 86_400_000

/** A quarter reads `Q2 2019`, a week by its first day. */
export type TimeUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'minute'

const FORMATS: Record<Exclude<TimeUnit, 'quarter' | 'week'>, Intl.DateTimeFormatOptions> = {
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

/** Made once: a new one takes a hundred times as long as it formats, and a chart has a text for each point. */
const FORMATTERS = Object.fromEntries(
  Object.entries(FORMATS).map(([unit, format]) => [
    unit,
    new Intl.DateTimeFormat('en-GB', { ...format, timeZone: 'UTC' }),
  ]),
) as Record<keyof typeof FORMATS, Intl.DateTimeFormat>

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

/** The unit of an axis: as its values are written where that is known, else by their spacing. */
export function axisUnit(granularity: TableStructure['granularity'], times: readonly number[]): TimeUnit {
  return granularity === undefined || granularity === 'time' ? timeUnitOf(times) : granularity
}

/** A time as `2019`, `Q1 2019`, `Mar 2019`, `week of 4 Mar 2019`, `3 Mar 2019` or `3 Mar 2019, 14:05`. */
export function timeText(timeMs: number, unit: TimeUnit): string {
  if (Math.abs(timeMs) > 8.64e15) return 'unknown time'
  if (unit === 'week') return `week of ${timeText(timeMs, 'day')}`
  if (unit === 'quarter') {
    const date = new Date(timeMs)
    return `Q${Math.floor(date.getUTCMonth() / 3) + 1} ${date.getUTCFullYear()}`
  }
  return FORMATTERS[unit].format(timeMs)
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

const ISO_TIME = /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?Z?)?)?)?$/

/** A label that is a date of the analysis (`2012`, `2012-01`, `2012-01-01`, `2012-01-01 05:30`, UTC) as Unix milliseconds; else undefined. */
export function labelTimeMs(label: string | undefined): number | undefined {
  const parts = ISO_TIME.exec(label ?? '')
  if (!parts) return undefined
  const [, year, month = '01', day = '01', time = '00:00'] = parts
  const timeMs = Date.parse(`${year}-${month}-${day}T${time}:00Z`)
  return Number.isNaN(timeMs) ? undefined : timeMs
}

const MONTH_NAMES = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const DAY_OF_FIRST_WEEK = 4

/** The same of labels in words as well: `July 1956`, `Q3 1956`, `2021-W04`. */
export function anyLabelTimeMs(label: string | undefined): number | undefined {
  const named = /^([A-Za-z]+) (\d{4})$/.exec(label ?? '')
  const month = named ? MONTH_NAMES.indexOf(named[1]!.toLowerCase()) : -1
  if (named && month >= 0) return Date.UTC(Number(named[2]), month, 1)
  const quarter = /^Q([1-4]) (\d{4})$/.exec(label ?? '')
  if (quarter) return Date.UTC(Number(quarter[2]), (Number(quarter[1]) - 1) * 3, 1)
  const week = /^(\d{4})-W(\d{2})$/.exec(label ?? '')
  return week ? isoWeekStart(Number(week[1]), Number(week[2])) : labelTimeMs(label)
}

/** ISO 8601: the week of 4 January is the first; weeks begin on Monday. */
function isoWeekStart(year: number, week: number): number {
  const fourth = Date.UTC(year, 0, DAY_OF_FIRST_WEEK)
  const sinceMonday = (new Date(fourth).getUTCDay() + 6) % 7
  return fourth + ((week - 1) * 7 - sinceMonday) * DAY_MS
}

/** Where a row stands, for people: its date as the axis is written, else its label, else its number. */
export function whereText(
  { row, label }: { row: number; label?: string | undefined },
  series: ColumnFinding['series'],
  granularity?: TableStructure['granularity'],
): string {
  const timeMs = labelTimeMs(label)
  const onAxis = series?.xKind === 'time' || granularity !== undefined
  if (timeMs === undefined || !onAxis) return label ?? `row ${row}`
  return timeText(
    timeMs,
    axisUnit(
      granularity,
      (series?.points ?? []).map(([x]) => x),
    ),
  )
}

/** The same with its preposition: `in Q1 1899`, `on 3 Mar 2019`, `at row 12`. */
export function atWhereText(
  place: { row: number; label?: string | undefined },
  series: ColumnFinding['series'],
  granularity?: TableStructure['granularity'],
): string {
  const where = whereText(place, series, granularity)
  if (/^\d{1,2} \p{L}/u.test(where) || /^\d{4}-\d{2}-\d{2}/.test(where)) return `on ${where}`
  if (where.startsWith('week of')) return `in the ${where}`
  const isTime =
    anyLabelTimeMs(place.label) !== undefined && (series?.xKind === 'time' || granularity !== undefined)
  return `${isTime ? 'in' : 'at'} ${where}`
}
