import { html, type Markup } from '../html/markup.ts'

/** A bar for a share of 0 to 1. It stretches with its cell; its number stands beside it as text. */
export function shareBar(share: number, kind: 'category' | 'missing' = 'category'): Markup {
  const width = (Math.min(1, Math.max(0, share)) * 100).toFixed(1)
  return html`<svg class="share ${kind}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
<rect class="rail" width="100" height="10"/><rect class="bar" width="${width}" height="10"/></svg>`
}
