import type { ReportChart, ReportColumn, ReportTrend } from '#schemas/report.ts'
import { type ColumnPlace, placeKey } from '../analysis-index.ts'
import { histogram } from '../charts/histogram.ts'
import { lineChart } from '../charts/line-chart.ts'
import { tableLabel } from '../labels.ts'
import { numberText, percentText, quantityText } from '../number-text.ts'
import { rangeOf } from '../wording.ts'
import { findingLinks } from './findings-sections.ts'
import { html, type Markup } from './markup.ts'
import type { ReportView, Section } from './section.ts'

/** Text in a scaled picture would be too small on a telephone, so each chart is drawn for both widths. */
const WIDE = { width: 720, height: 320 }
const NARROW = { width: 340, height: 260 }

/** The most important series as charts, each with its distribution and key figures. */
export function seriesSection(view: ReportView): Section | undefined {
  const { charts, chartsLeftOut } = view.report
  if (charts.length === 0) return undefined
  const body = html`${charts.map((chart) => drawSeries(view, chart))}${
    chartsLeftOut > 0 &&
    html`<p class="note">${chartsLeftOut} further series are not drawn, because stronger findings speak of the ones above. The overview of columns has a sparkline of each.</p>`
  }`
  return { id: 'series', title: 'Series in time', count: charts.length, body }
}

function drawSeries(view: ReportView, chart: ReportChart): Markup | undefined {
  const column = view.column(chart)
  if (!column) return undefined
  const key = placeKey(chart)
  const isHere = (place: ColumnPlace): boolean => placeKey(place) === key
  const trend = view.report.trends.find((each) => each.entity === undefined && isHere(each))
  const anomalies = view.report.anomalies.filter(isHere)
  const input = { chart, column, trend, anomalies }
  return html`<figure class="series-figure"><figcaption>
<h3>${column.label}${column.unit && html` <span class="unit">${column.unit}</span>`}</h3>
<p class="meta">${placeText(column)}${chart.insightId && findingLinks([chart.insightId])}</p></figcaption>
<div class="wide">${lineChart({ ...input, ...WIDE })}</div><div class="narrow">${lineChart({ ...input, ...NARROW })}</div>
${legend(trend, anomalies.length)}
<div class="figure-row">${histogram(column)}${keyFigures(column)}</div></figure>`
}

/** The document, and the table within it. */
export function placeText(place: { document: string; table: string }): Markup {
  const table = tableLabel(place)
  return html`<span class="name">${place.document}</span>${table !== undefined && html` <span class="path">›</span> <span class="name">${table}</span>`}`
}

/** Only what is in the picture is explained. */
function legend(trend: ReportTrend | undefined, anomalies: number): Markup {
  const hasLine = trend?.line && trend.direction !== 'none'
  return html`<ul class="legend"><li><svg viewBox="0 0 24 10" width="24" height="10" aria-hidden="true">
<path class="series" d="M1 5H23"/></svg> values</li>${
    hasLine &&
    html`<li><svg viewBox="0 0 24 10" width="24" height="10" aria-hidden="true">
<rect class="band" width="24" height="10"/>
<path class="trend" d="M1 5H23"/></svg> trend (Theil–Sen) and the 95 % interval of its slope</li>`
  }${
    trend &&
    trend.changePoints.length > 0 &&
    html`<li><svg viewBox="0 0 24 10" width="24" height="10" aria-hidden="true">
<path class="change" d="M12 0V10"/></svg> change of level or spread, before → after</li>`
  }${
    anomalies > 0 &&
    html`<li><svg viewBox="0 0 24 10" width="24" height="10" aria-hidden="true"><circle class="anomaly" cx="12" cy="5" r="4"/></svg> ${anomalies === 1 ? 'unusual value' : `${anomalies} unusual values`}</li>`
  }</ul>`
}

export function keyFigures(column: ReportColumn): Markup | undefined {
  const { numeric, unit } = column
  if (!numeric) return undefined
  const range = rangeOf(column)
  const quantity = (value: number): string => quantityText(value, unit, range)
  const rows = numeric.count + numeric.missing
  const figures: [string, string][] = [
    ['Median', quantity(numeric.median)],
    ['Mean', quantity(numeric.mean)],
    ['Middle half', `${numberText(numeric.q1, range)} to ${quantity(numeric.q3)}`],
    ['Range', `${numberText(numeric.min, range)} to ${quantity(numeric.max)}`],
    ['Standard deviation', quantity(numeric.stdDev)],
    ['Values', numberText(numeric.count)],
    [
      'Missing',
      numeric.missing === 0
        ? 'none'
        : `${numberText(numeric.missing)} (${percentText(numeric.missing / rows)})`,
    ],
    ['Shape', numeric.distribution],
  ]
  return html`<dl class="figures">${figures.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}
