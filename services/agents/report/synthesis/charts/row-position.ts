import type { Series } from '#schemas/report.ts'
import { labelTimeMs } from '../where-text.ts'

/** A statement about a row, to be found again on the x axis of its series. */
export interface RowMark {
  row: number
  label?: string | undefined
  value?: number
}

/**
 * Where a row lies on the x axis. A series by rows says so itself. In one by time the row's date is its label; without
 * a label the point with the same value counts, the nearest to where the row would be; else nothing is known.
 */
export function rowPosition(mark: RowMark, series: Series, rows: number): number | undefined {
  if (series.xKind === 'row') return mark.row
  const [first, last] = [series.points[0], series.points.at(-1)]
  if (!first || !last) return undefined
  const dated = labelTimeMs(mark.label)
  if (dated !== undefined && dated >= first[0] && dated <= last[0]) return dated
  const guess = ((mark.row - 1) / Math.max(1, rows - 1)) * (series.points.length - 1)
  if (mark.value !== undefined) return nearestWithValue(series, mark.value, guess)
  // A thinned series no longer has a point for every row.
  return series.points.length >= rows ? series.points[mark.row - 1]?.[0] : undefined
}

function nearestWithValue(series: Series, value: number, guess: number): number | undefined {
  let best: number | undefined
  let distance = Number.POSITIVE_INFINITY
  for (const [index, [x, y]] of series.points.entries()) {
    if (y === value && Math.abs(index - guess) < distance) [best, distance] = [x, Math.abs(index - guess)]
  }
  return best
}
