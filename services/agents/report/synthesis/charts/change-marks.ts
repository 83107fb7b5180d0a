import type { ReportColumn, ReportTrend, Series } from '#schemas/report.ts'
import { html, type Markup } from '../html/markup.ts'
import { numberText, pValueText } from '../number-text.ts'
import { rangeOf } from '../plain-sentence.ts'
import { type ChartFrame, FONT_PX } from './chart-frame.ts'
import { rowPosition } from './row-position.ts'
import { textWidth } from './text-fit.ts'

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
      const levels = `${numberText(change.before, range)} → ${numberText(change.after, range)}`
      const { where } = change
      return {
        x,
        text: `${where}: ${levels}`,
        title: `Change of level at ${where}: ${levels} (${pValueText(change.pValue)})`,
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
