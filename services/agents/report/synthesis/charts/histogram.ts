import type { ReportColumn } from '#schemas/report.ts'
import { html, type Markup } from '../html/markup.ts'
import { countText, numberText, quantityText } from '../number-text.ts'
import { rangeOf } from '../wording.ts'
import { drawFrame, FONT_PX, layOutFrame } from './chart-frame.ts'
import { textWidth } from './label-layout.ts'
import { linearScale } from './scale.ts'

const WIDTH = 340
const HEIGHT = 190

/** How often values occur, bin by bin, with the median marked. Nothing for a column without spread. */
export function histogram(column: ReportColumn): Markup | undefined {
  const bins = column.numeric?.histogram ?? []
  const [first, last] = [bins[0], bins.at(-1)]
  if (!column.numeric || !first || !last || bins.length < 2) return undefined
  const range = rangeOf(column)
  const frame = layOutFrame({
    width: WIDTH,
    height: HEIGHT,
    headroom: 18,
    xDomain: [first.low, last.high],
    xKind: 'row',
    yDomain: [0, Math.max(...bins.map(({ count }) => count), 1)],
  })
  const ends = [first.low, last.high].map((at) => ({ at, label: numberText(at, range) }))
  const yTicks = frame.yTicks.filter(({ at }) => Number.isInteger(at))
  const x = linearScale([first.low, last.high], [frame.left, frame.right])
  const median = x(column.numeric.median)
  const label = `median ${quantityText(column.numeric.median, column.unit, range)}`
  const half = textWidth(label, FONT_PX) / 2
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Histogram of ${column.label}, ${column.numeric.distribution}">
${drawFrame({ ...frame, yTicks, xTicks: ends })}
${bins.map(({ low, high, count }) => {
  const top = frame.y(count)
  return html`<rect class="bar" x="${x(low) + 0.5}" y="${top}" width="${Math.max(0.5, x(high) - x(low) - 1)}" height="${frame.bottom - top}"><title>${numberText(low, range)} to ${numberText(high, range)}: ${countText(count, 'value')}</title></rect>`
})}
<line class="median" x1="${median}" x2="${median}" y1="${frame.top - 4}" y2="${frame.bottom}"/>
<text class="tick" x="${Math.min(WIDTH - half, Math.max(half, median))}" y="${frame.top - 9}" text-anchor="middle">${label}</text>
</svg>`
}
