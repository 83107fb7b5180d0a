import type { ReportTrend, Series } from '#schemas/report.ts'
import { placeKey } from '../analysis-index.ts'
import { seasonChart } from '../charts/season-chart.ts'
import { extentOf, sharedDomain, smallMultiple } from '../charts/small-multiple.ts'
import { columnLabel } from '../labels.ts'
import { numberText, percentText, quantityText } from '../number-text.ts'
import { amplitudeText } from '../sentences/seasonality-sentence.ts'
import { rangeOf } from '../wording.ts'
import { html, type Markup } from './markup.ts'
import type { ReportView, Section } from './section.ts'
import { placeText } from './series-section.ts'

const MAX_SEASONS = 8
const MAX_PANELS = 6
const MAX_ENTITIES = 24
const WIDE = { width: 680, height: 220 }
const NARROW = { width: 330, height: 200 }

/** Patterns that come again, each as its profile. */
export function seasonsSection(view: ReportView): Section | undefined {
  const { seasonalities = [] } = view.report
  const drawn = seasonalities.filter(({ profile }) => profile.length > 1)
  if (drawn.length === 0) return undefined
  const figures = drawn.slice(0, MAX_SEASONS).map((season) => {
    const column = view.column(season)
    const { label } = columnLabel(season.column)
    const input = { season, label, unit: column?.unit }
    return html`<figure class="series-figure"><figcaption><h3>${label}${season.entity !== undefined && ` of ${season.entity}`} by ${season.cycle}${column?.unit && !season.relative && html` <span class="unit">${column.unit}</span>`}</h3>
<p class="meta">${placeText(season)} · explains ${percentText(season.strength)} of the variance that the trend leaves · from lowest to highest ${amplitudeText(season, column?.unit)}</p></figcaption>
<div class="wide">${seasonChart({ ...input, ...WIDE })}</div><div class="narrow">${seasonChart({ ...input, ...NARROW })}</div></figure>`
  })
  const beyond = drawn.length - MAX_SEASONS
  const body = html`${figures}${beyond > 0 && html`<p class="note">${beyond} further patterns are in the JSON of this report.</p>`}`
  return { id: 'seasons', title: 'Seasons', count: drawn.length, body }
}

type EntityTrend = ReportTrend & { entity: string; series: Series }

/** Panels: a small picture for each entity, the surest trends first. */
export function panelsSection(view: ReportView): Section | undefined {
  const entities = view.report.trends.filter(
    (trend): trend is EntityTrend => trend.entity !== undefined && (trend.series?.points.length ?? 0) > 1,
  )
  const panels = [...Map.groupBy(entities, placeKey).values()]
  if (panels.length === 0) return undefined
  const beyond = panels.length - MAX_PANELS
  const body = html`${panels.slice(0, MAX_PANELS).map((panel) => drawPanel(view, panel))}${
    beyond > 0 && html`<p class="note">${beyond} further panels are in the JSON of this report.</p>`
  }`
  return { id: 'panels', title: 'Panels', count: panels.length, body }
}

function drawPanel(view: ReportView, panel: readonly EntityTrend[]): Markup {
  const shown = [...panel].sort((a, b) => a.pValue - b.pValue).slice(0, MAX_ENTITIES)
  const column = view.column(shown[0]!)
  const entity = view.structure(shown[0]!)?.entity
  const by = entity === undefined ? 'entity' : columnLabel(entity.column).label
  const range = column && rangeOf(column)
  const { domain, isShared } = sharedDomain(shown.map(({ series }) => series))
  const times = shown.flatMap(({ series }) => series.points.map(([x]) => x))
  const xDomain = [Math.min(...times), Math.max(...times)] as const
  const cells = shown.map((trend) => {
    const { series, entity } = trend
    const yDomain = isShared ? domain : extentOf(series.points)
    const [first, last] = trend.observed
      ? [trend.observed.first, trend.observed.last]
      : [series.points[0]![1], series.points.at(-1)![1]]
    const arrow = trend.direction === 'rising' ? '↗' : trend.direction === 'falling' ? '↘' : '→'
    return html`<figure><figcaption class="meta"><b class="name">${entity}</b> <span aria-hidden="true">${arrow}</span><br/>${numberText(first, range)} to ${quantityText(last, column?.unit, range)}</figcaption>${smallMultiple(series, { name: entity, xDomain, yDomain })}</figure>`
  })
  const scale = isShared
    ? 'All pictures have the same axes.'
    : 'Each picture has its own height; times are the same.'
  const beyond = panel.length - shown.length
  return html`<figure class="series-figure"><figcaption><h3>${columnLabel(shown[0]!.column).label} by ${by}</h3>
<p class="meta">${placeText(shown[0]!)}</p></figcaption><div class="multiples">${cells}</div><p class="note">${scale}${beyond > 0 && ` ${beyond} further entities are not drawn.`}</p></figure>`
}
