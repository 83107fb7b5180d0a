import type { ReportColumn, ReportTrend, Series } from '#schemas/report.ts'
import { html, type Markup } from '../html/markup.ts'
import { numberText, percentText, pValueText } from '../number-text.ts'
import { anyLabelTimeMs } from '../time-text.ts'
import { rangeOf } from '../wording.ts'
import { type ChartFrame, FONT_PX } from './chart-frame.ts'
import { textWidth } from './label-layout.ts'

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
  const dated = anyLabelTimeMs(mark.label)
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

export interface ChangeMark {
  x: number
  text: string
  title: string
}

/** The changes of level that can be placed on a series, in the order of x. */
export function changeMarks(trend: ReportTrend, series: Series, column: ReportColumn): ChangeMark[] {
  const range = rangeOf(column)
  const rows = column.numeric ? column.numeric.count + column.numeric.missing : series.points.length
  return trend.changePoints
    .flatMap((change) => {
      const x = rowPosition({ row: change.row, label: change.label }, series, rows)
      if (x === undefined) return []
      const isSpread = change.of === 'spread'
      const fine = isSpread ? Math.max(change.before, change.after) : range
      const size = (value: number) => (change.isRelative ? percentText(value) : numberText(value, fine))
      const levels = `${isSpread ? 'spread ' : ''}${size(change.before)} → ${size(change.after)}`
      const { where } = change
      return {
        x,
        text: `${where}: ${levels}`,
        title: `Change of ${isSpread ? 'spread' : 'level'} at ${where}: ${levels} (${pValueText(change.pValue)})`,
      }
    })
    .sort((a, b) => a.x - b.x)
}

/** Dotted lines with their labels in up to two rows above the plot; a label without room is left to the hover title. */
export function drawChangeMarks(marks: readonly ChangeMark[], frame: ChartFrame): Markup {
  const rowEnds = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
  return html`${marks.map(({ x: at, text, title }) => {
    const x = frame.x(at)
    const width = textWidth(text, FONT_PX)
    const start = Math.min(frame.width - width, Math.max(frame.left, x - width / 2))
    const row = rowEnds.findIndex((end, index) => index < marks.length && start > end + 10)
    if (row >= 0) rowEnds[row] = start + width
    const baseline = frame.top - 6 - Math.max(0, row) * 17
    return html`<line class="change" x1="${x}" x2="${x}" y1="${row > 0 ? baseline + 4 : frame.top - 3}" y2="${frame.bottom}"><title>${title}</title></line>${
      row >= 0 && html`<text class="change-label" x="${Math.round(start)}" y="${baseline}">${text}</text>`
    }`
  })}`
}
