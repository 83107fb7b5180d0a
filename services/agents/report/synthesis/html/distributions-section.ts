import type { ReportColumn } from '#schemas/report.ts'
import { placeKey, placesOf } from '../analysis-index.ts'
import { histogram } from '../charts/histogram.ts'
import { html, type Markup } from './markup.ts'
import type { ReportView, Section } from './section.ts'
import { keyFigures, placeText } from './series-section.ts'

const MAX_FIGURES = 12

/** Measures that are no series in time, each as its distribution: those of which findings speak first. */
export function distributionsSection(view: ReportView): Section | undefined {
  const { charts, columns, findings } = view.report
  const drawn = new Set(charts.map(placeKey))
  const rankOf = new Map<string, number>()
  for (const finding of findings) {
    for (const place of placesOf(finding)) {
      const key = placeKey(place)
      if (!rankOf.has(key)) rankOf.set(key, finding.rank)
    }
  }
  const last = findings.length + 1
  const measures = columns
    .filter((column) => isMeasure(column) && !drawn.has(placeKey(column)) && column.spark === undefined)
    .sort((a, b) => (rankOf.get(placeKey(a)) ?? last) - (rankOf.get(placeKey(b)) ?? last))
  if (measures.length === 0) return undefined
  const beyond = measures.length - MAX_FIGURES
  const body = html`${measures.slice(0, MAX_FIGURES).map(drawMeasure)}${
    beyond > 0 && html`<p class="note">${beyond} further measures are only in the overview of columns.</p>`
  }`
  return { id: 'distributions', title: 'Distributions', count: measures.length, body }
}

function isMeasure({ role, kind, numeric }: ReportColumn): boolean {
  if (!numeric || numeric.min === numeric.max || kind === 'temporal') return false
  return role === undefined || role === 'measure' || role === 'ordinal'
}

function drawMeasure(column: ReportColumn): Markup {
  return html`<figure class="series-figure"><figcaption><h3>${column.label}${column.unit && html` <span class="unit">${column.unit}</span>`}</h3>
<p class="meta">${placeText(column)}</p></figcaption><div class="figure-row first">${histogram(column)}${keyFigures(column)}</div></figure>`
}
