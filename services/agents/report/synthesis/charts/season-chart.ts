import type { Seasonality } from '#schemas/analysis.ts'
import { html, type Markup } from '../html/markup.ts'
import { percentText, quantityText } from '../number-text.ts'
import { drawFrame, FONT_PX, layOutFrame } from './chart-frame.ts'
import { textWidth } from './label-layout.ts'

export interface SeasonChartInput {
  season: Seasonality
  label: string
  unit: string | undefined
  /** In pixels at natural size. */
  width: number
  height: number
}

/** The profile of a cycle: how far each phase lies above or below the mean. */
export function seasonChart({ season, label, unit, width, height }: SeasonChartInput): Markup | undefined {
  const { profile, cycle } = season
  if (profile.length < 2) return undefined
  // Shares of the level are read as per cents.
  const scale = season.relative ? 100 : 1
  const effects = profile.map(({ effect }) => scale * effect)
  const frame = layOutFrame({
    width,
    height,
    headroom: 0,
    xDomain: [0, profile.length],
    xKind: 'row',
    yDomain: [Math.min(0, ...effects), Math.max(0, ...effects)],
    ySuffix: season.relative ? '\u00a0%' : '',
  })
  const slot = (frame.right - frame.left) / profile.length
  const widest = Math.max(...profile.map(({ phase }) => textWidth(phase, FONT_PX)))
  // Where not every phase has room for its name, every n-th is named.
  const every = Math.ceil((widest + 6) / slot)
  const zero = frame.y(0)
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Seasonal profile of ${label} by ${cycle}">
${drawFrame({ ...frame, xTicks: [] })}
<line class="axis" x1="${frame.left}" x2="${frame.right}" y1="${zero}" y2="${zero}"/>
${profile.map(({ phase, effect }, index) => {
  const [left, y] = [frame.left + index * slot, frame.y(scale * effect)]
  const sign = effect > 0 ? '+' : ''
  return html`<rect class="bar" x="${(left + slot * 0.15).toFixed(1)}" y="${Math.min(y, zero)}" width="${(slot * 0.7).toFixed(1)}" height="${Math.max(0.5, Math.abs(zero - y)).toFixed(1)}"><title>${phase}: ${sign}${season.relative ? percentText(effect) : quantityText(effect, unit, season.amplitude)}</title></rect>${
    index % every === 0 &&
    html`<text class="tick" x="${Math.min(width - textWidth(phase, FONT_PX) / 2, left + slot / 2).toFixed(1)}" y="${frame.bottom + 18}" text-anchor="middle">${phase}</text>`
  }`
})}</svg>`
}
