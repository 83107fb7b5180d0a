import type { ReportAnomaly, ReportCorrelation, ReportTrend } from '#schemas/report.ts'
import { correlationMatrix, matrixColumns } from '../charts/correlation-matrix.ts'
import { scatterChart } from '../charts/scatter-chart.ts'
import { columnLabel } from '../labels.ts'
import {
  coefficientText,
  numberText,
  percentText,
  pValueText,
  quantityText,
  signedText,
} from '../number-text.ts'
import { paceStep } from '../sentences/trend-sentence.ts'
import { labelOf } from '../wording.ts'
import { html, type Markup } from './markup.ts'
import { provenanceDetails } from './provenance-details.ts'
import { foldAfter, numberHead, type ReportView, type Section, wideTable } from './section.ts'
import { placeText } from './series-section.ts'

const MAX_MATRICES = 3
const MAX_SCATTERS = 6

/** Every trend that was tested and found. */
export function trendsSection(view: ReportView): Section | undefined {
  const trends = view.report.trends.filter(({ direction }) => direction !== 'none')
  const without = view.report.trends.length - trends.length
  if (view.report.trends.length === 0) return undefined
  const draw = (rows: readonly ReportTrend[]): Markup =>
    wideTable(
      'Trends',
      [
        'Column',
        'Direction',
        numberHead('Slope, 95 % interval'),
        numberHead('Change'),
        numberHead('Chance'),
        'Source',
      ],
      rows.map((trend) => trendRow(view, trend)),
    )
  const body = html`${trends.length > 0 && foldAfter(trends, { open: 15, max: 200, noun: 'trends' }, draw)}${
    without > 0 &&
    html`<p class="note">${without} ${without === 1 ? 'series was' : 'series were'} tested and ${without === 1 ? 'shows' : 'show'} no trend.</p>`
  }`
  return { id: 'trends', title: 'Trends', count: trends.length, body }
}

function trendRow(view: ReportView, trend: ReportTrend): Markup {
  const { label, unit } = labelOf(trend.column, view.column(trend))
  const { factor, per } = slopeScale(view, trend)
  const [slope, low, high] = [trend.slope, trend.slopeInterval.low, trend.slopeInterval.high].map(
    (each) => each * factor,
  )
  const arrow = trend.direction === 'rising' ? '↗' : '↘'
  const evidence = { n: trend.n, tau: trend.tau, slope: trend.slope, slopeUnit: trend.slopeUnit }
  return html`<tr>
<th scope="row">${label}${trend.entity !== undefined && html` <span class="path">·</span> <span class="name">${trend.entity}</span>`}</th>
<td class="nowrap"><span aria-hidden="true">${arrow}</span> ${trend.direction}</td>
<td class="slope">${signedText(slope!, Math.abs(slope!))}${unit && ` ${unit}`} per ${per}
<small>${numberText(low!, Math.abs(slope!))} to ${numberText(high!, Math.abs(slope!))}</small></td>
<td class="number">${relativeText(trend.relativeChange)}</td>
<td class="number">${pValueText(trend.pValue)}</td>
<td>${placeText(trend)}${provenanceDetails(trend.provenance, evidence)}</td>
</tr>`
}

/** A change relative to a start near zero has a size that means nothing. */
function relativeText(change: number | null): string {
  if (change === null) return '–'
  return Math.abs(change) > 10 ? 'over tenfold' : percentText(change)
}

/** In the step that people would tell it in: a slope per day says little of a series of decades. */
function slopeScale(view: ReportView, trend: ReportTrend): { factor: number; per: string } {
  const [from, to] = trend.line?.fitted ?? []
  const days = from && to ? (to[0] - from[0]) / 86_400_000 : 0
  const step = paceStep(trend, { granularity: view.structure(trend)?.granularity, days })
  return { factor: step.days, per: step.name }
}

/** Unusual values, the most unusual first. */
export function anomaliesSection(view: ReportView): Section | undefined {
  const { anomalies } = view.report
  if (anomalies.length === 0) return undefined
  const draw = (rows: readonly ReportAnomaly[]): Markup =>
    wideTable(
      'Unusual values',
      ['Column', 'Where', numberHead('Value'), numberHead('Ordinary'), numberHead('Robust z'), 'Source'],
      rows.map((anomaly) => anomalyRow(view, anomaly)),
    )
  const body = foldAfter(anomalies, { open: 15, max: 200, noun: 'unusual values' }, draw)
  return { id: 'anomalies', title: 'Unusual values', count: anomalies.length, body }
}

function anomalyRow(view: ReportView, anomaly: ReportAnomaly): Markup {
  const { label, unit } = labelOf(anomaly.column, view.column(anomaly))
  const range = view.range(anomaly)
  const { low, high } = anomaly.expected
  return html`<tr>
<th scope="row">${label}</th>
<td class="long"><span class="name">${anomaly.where}</span>${anomaly.label !== undefined && html`<small>row ${anomaly.row}</small>`}</td>
<td class="number alert">${quantityText(anomaly.value, unit, range)}</td>
<td class="number">${numberText(isBelowAll(view, anomaly) ? 0 : low, range)} to ${numberText(high, range)}</td>
<td class="number">${anomaly.robustZ === null ? '–' : signedText(anomaly.robustZ, 10)}</td>
<td>${placeText(anomaly)}${provenanceDetails(anomaly.provenance, { zScore: anomaly.zScore })}</td>
</tr>`
}

/** What has never been negative is not expected to be so. */
function isBelowAll(view: ReportView, anomaly: ReportAnomaly): boolean {
  return anomaly.expected.low < 0 && (view.column(anomaly)?.numeric?.min ?? -1) >= 0
}

/** Correlations: a heat map for each table with three columns or more, and the closest pairs in numbers. */
export function correlationsSection(view: ReportView): Section | undefined {
  const { correlations } = view.report
  if (correlations.length === 0) return undefined
  const draw = (rows: readonly ReportCorrelation[]): Markup =>
    wideTable(
      'Correlations',
      [
        'Columns',
        numberHead('Spearman'),
        numberHead('Pearson'),
        numberHead('Values'),
        numberHead('Chance'),
        'Source',
      ],
      rows.map(correlationRow),
    )
  const body = html`<p class="lead">Coefficients run from −1 (opposite) over 0 (no relation) to +1 (together). A relation is not a cause: two series with a trend always correlate, so the chance of series is judged by what their trends leave.</p>${scatters(view)}${matrices(view)}${foldAfter(correlations, { open: 10, max: 120, noun: 'pairs' }, draw)}`
  return { id: 'correlations', title: 'Correlations', count: correlations.length, body }
}

function correlationRow(pair: ReportCorrelation): Markup {
  return html`<tr>
<th scope="row">${columnLabel(pair.a).label} <span class="path">and</span> ${columnLabel(pair.b).label}</th>
<td class="number">${coefficientText(pair.spearman)}</td>
<td class="number">${coefficientText(pair.pearson)}</td>
<td class="number">${numberText(pair.n)}</td>
<td class="number">${pValueText(pair.pValue)}</td>
<td>${placeText(pair)}${provenanceDetails(pair.provenance)}</td>
</tr>`
}

/** What the sentence tells of stands upright, what it goes with along the bottom. */
function upright({ a, b, plain, points = [] }: ReportCorrelation) {
  const first = columnLabel(a).label
  return plain.toLowerCase().startsWith(first.toLowerCase())
    ? { x: b, y: a, points: points.map(([left, right]): [number, number] => [right, left]) }
    : { x: a, y: b, points }
}

/** The pairs that findings speak of, a dot a row. */
function scatters(view: ReportView): Markup | undefined {
  const told = view.report.correlations
    .filter(({ points }) => points && points.length > 2)
    .slice(0, MAX_SCATTERS)
  if (told.length === 0) return undefined
  const title = (pair: ReportCorrelation, name: string): string => {
    const { label, unit } = labelOf(name, view.column({ ...pair, column: name }))
    return unit === undefined ? label : `${label} (${unit})`
  }
  return html`<div class="grid wide-cells">${told.map(
    (pair) =>
      html`<figure class="card"><figcaption class="meta">${pair.plain}</figcaption>${scatterChart({ ...upright(pair), xTitle: title(pair, upright(pair).x), yTitle: title(pair, upright(pair).y), width: 340, height: 260 })}</figure>`,
  )}</div><p class="note">Dots are rows; lines are least squares, drawn where there are values.</p>`
}

function matrices(view: ReportView): Markup {
  const tables = [
    ...Map.groupBy(view.report.correlations, ({ document, table }) =>
      JSON.stringify([document, table]),
    ).values(),
  ]
  const drawable = tables.filter((pairs) => matrixColumns(pairs, 3).length === 3)
  const figures = drawable.slice(0, MAX_MATRICES).map((pairs) => {
    const all = matrixColumns(pairs, Number.POSITIVE_INFINITY).length
    return html`<figure class="matrix-figure">
<figcaption class="meta">${placeText(pairs[0]!)}${all > 12 && html` · the 12 of ${all} columns with the closest relations; 7 on narrow screens`}</figcaption>
<div class="wide">${correlationMatrix(pairs, matrixColumns(pairs, 12), 700)}</div>
<div class="narrow">${correlationMatrix(pairs, matrixColumns(pairs, 7), 330)}</div></figure>`
  })
  const beyond = drawable.length - MAX_MATRICES
  return html`${figures}${beyond > 0 && html`<p class="note">Heat maps of ${beyond} further tables are left out.</p>`}`
}
