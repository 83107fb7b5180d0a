import type { ColumnFinding } from '#schemas/analysis.ts'
import { timeText, timeUnitOf } from './time-text.ts'

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
