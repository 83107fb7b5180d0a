import type { ReportImage } from '#schemas/report.ts'
import { html, type Markup } from '../html/markup.ts'
import { percentText } from '../number-text.ts'
import { linearScale } from './scale.ts'

const WIDTH = 110
const HEIGHT = 26

/** The course of a column in the size of a word, with its last value marked. */
export function sparkline(values: readonly number[], label: string): Markup | undefined {
  if (values.length < 2) return undefined
  const x = linearScale([0, values.length - 1], [3, WIDTH - 4])
  const y = linearScale([Math.min(...values), Math.max(...values)], [HEIGHT - 4, 4])
  const path = values.map((value, index) => `${index === 0 ? 'M' : 'L'}${x(index)} ${y(value)}`).join('')
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Course of ${label}">
<path class="series" d="${path}"/><circle class="point" cx="${x(values.length - 1)}" cy="${y(values.at(-1)!)}" r="2.5"/></svg>`
}

/** The shape of a column in the size of a word: what has no order has no course. */
export function miniHistogram(bins: readonly { count: number }[], label: string): Markup | undefined {
  if (bins.length < 2) return undefined
  const largest = Math.max(1, ...bins.map(({ count }) => count))
  const width = (WIDTH - 6) / bins.length
  const bars = bins.map(({ count }, index) => {
    const height = (count / largest) * (HEIGHT - 4)
    return html`<rect class="bar" x="${(3 + index * width).toFixed(1)}" y="${(HEIGHT - 1 - height).toFixed(1)}" width="${Math.max(0.5, width - 0.8).toFixed(1)}" height="${height.toFixed(1)}"/>`
  })
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Histogram of ${label}">${bars}</svg>`
}

/** A bar for a share of 0 to 1. It stretches with its cell; its number stands beside it as text. */
export function shareBar(share: number, kind: 'category' | 'missing' = 'category'): Markup {
  const width = (Math.min(1, Math.max(0, share)) * 100).toFixed(1)
  return html`<svg class="share ${kind}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
<rect class="rail" width="100" height="10"/><rect class="bar" width="${width}" height="10"/></svg>`
}

const HEX = /^#[0-9a-f]{6}$/i

/** The most frequent colours of an image, each as wide as its share. What is no colour is not drawn. */
export function paletteSwatches(palette: ReportImage['palette']): Markup | undefined {
  const colours = palette.filter(({ hex, share }) => HEX.test(hex) && share > 0)
  const total = colours.reduce((sum, { share }) => sum + share, 0)
  if (total === 0) return undefined
  let left = 0
  const rects = colours.map(({ hex, share }) => {
    const x = left
    left += (share / total) * 100
    return html`<rect x="${x.toFixed(2)}" y="0" width="${((share / total) * 100).toFixed(2)}" height="10" fill="${hex}"><title>${hex}: ${percentText(share)}</title></rect>`
  })
  return html`<svg class="palette" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="Colours: ${colours.map(({ hex }) => hex).join(', ')}">${rects}</svg>`
}
