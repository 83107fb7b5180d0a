import type { ReportImage } from '#schemas/report.ts'
import { html, type Markup } from '../html/markup.ts'
import { percentText } from '../number-text.ts'

const HEX = /^#[0-9a-f]{6}$/i

/** The most frequent colours of an image, each as wide as its share. What is no colour is not drawn. */
export function paletteSwatches(palette: ReportImage['palette']): Markup | undefined {
  const colours = palette.filter(({ hex, share }) => HEX.test(hex) && share > 0)
  const whole = colours.reduce((sum, { share }) => sum + share, 0)
  if (whole === 0) return undefined
  let left = 0
  const rects = colours.map(({ hex, share }) => {
    const x = left
    left += (share / whole) * 100
    return html`<rect x="${x.toFixed(2)}" y="0" width="${((share / whole) * 100).toFixed(2)}" height="10" fill="${hex}"><title>${hex}: ${percentText(share)}</title></rect>`
  })
  return html`<svg class="palette" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="Colours: ${colours.map(({ hex }) => hex).join(', ')}">${rects}</svg>`
}
