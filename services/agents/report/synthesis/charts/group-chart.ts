import { html, type Markup } from '../html/markup.ts'
import { numberText, quantityText } from '../number-text.ts'
import { FONT_PX, numberTicks } from './chart-frame.ts'
import { fitText, textWidth } from './label-layout.ts'
import { linearScale, niceDomain } from './scale.ts'

export interface GroupChartInput {
  groups: readonly {
    name: string
    count: number
    median: number
    q1?: number | undefined
    q3?: number | undefined
  }[]
  title: string
  unit: string | undefined
  range: number | undefined
  /** In pixels at natural size. */
  width: number
}

const ROW_PX = 26
const MAX_GROUPS = 14
const AXIS_PX = 30

/** A measure by group: the median as a dot, the middle half of the values as a line, a row a group. */
export function groupChart({ groups, title, unit, range, width }: GroupChartInput): Markup {
  const shown = groups.slice(0, MAX_GROUPS)
  const values = shown.flatMap(({ median, q1, q3 }) => [median, q1 ?? median, q3 ?? median])
  const domain = niceDomain([Math.min(...values), Math.max(...values)], 4)
  const labels = shown.map(({ name, count }) => `${name} (${numberText(count)})`)
  const left = Math.ceil(
    Math.min(width * 0.42, Math.max(...labels.map((label) => textWidth(label, FONT_PX))) + 12),
  )
  const x = linearScale(domain, [left, width - 16])
  const bottom = shown.length * ROW_PX + 4
  const height = bottom + AXIS_PX
  const ticks = numberTicks(domain, width > 500 ? 5 : 3)
  const rows = shown.map(({ name, median, q1, q3 }, index) => {
    const y = 4 + (index + 0.5) * ROW_PX
    const span =
      q1 === undefined || q3 === undefined
        ? ''
        : `, middle half ${numberText(q1, range)} to ${numberText(q3, range)}`
    return html`<g><title>${name}: median ${quantityText(median, unit, range)}${span}</title>
<text class="row-name" x="0" y="${y + 4}">${fitText(labels[index]!, left - 10, FONT_PX)}</text>${
      q1 !== undefined &&
      q3 !== undefined &&
      html`<line class="interval" x1="${x(q1)}" x2="${x(q3)}" y1="${y}" y2="${y}"/>`
    }<circle class="group-dot" cx="${x(median)}" cy="${y}" r="4.5"/></g>`
  })
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Median and middle half of ${title} by group">
${ticks.map(
  ({ at, label }) => html`<line class="grid" x1="${x(at)}" x2="${x(at)}" y1="2" y2="${bottom}"/>
<text class="tick" x="${edged(x(at), label, width)}" y="${bottom + 18}" text-anchor="middle">${label}</text>`,
)}${rows}</svg>`
}

/** A label at the very edge is moved inwards. */
function edged(x: number, label: string, width: number): number {
  const half = textWidth(label, FONT_PX) / 2
  return Math.min(width - half, Math.max(half, x))
}
