import type { ReportAnomaly, ReportChart, ReportColumn, ReportTrend, Series } from '#schemas/report.ts'
import { html, type Markup } from '../html/markup.ts'
import { quantityText } from '../number-text.ts'
import { timeText, timeUnitOf } from '../time-text.ts'
import { rangeOf } from '../wording.ts'
import { type ChartFrame, drawFrame, FONT_PX, layOutFrame } from './chart-frame.ts'
import { placeLabels } from './label-layout.ts'
import { type ChangeMark, changeMarks, drawChangeMarks, rowPosition } from './row-marks.ts'
import { extent } from './scale.ts'

/** More labels than this would hide the line; the rest is marked and named on hover. */
const MAX_LABELS = 6
const HOVER_POINTS = 150

export interface LineChartInput {
  chart: ReportChart
  column: ReportColumn
  trend: ReportTrend | undefined
  anomalies: readonly ReportAnomaly[]
  /** In pixels at natural size. */
  width: number
  height: number
}

interface AnomalyMark {
  x: number
  y: number
  text: string
  title: string
}

/** A series as a line, with its trend and the interval of the slope, changes of level, and anomalies. */
export function lineChart(input: LineChartInput): Markup {
  const { chart, column, trend, width, height } = input
  const { series } = chart
  const marks = anomalyMarks(input)
  const xDomain = extent(series.points.map(([x]) => x))
  const changes = trend ? changeMarks(trend, series, column) : []
  const frame = layOutFrame({
    width,
    height,
    headroom: 18 * Math.min(2, changes.length),
    xDomain,
    xKind: series.xKind,
    yDomain: extent([...series.points.map(([, y]) => y), ...marks.map(({ y }) => y)]),
  })
  // The trend's lines may leave the plot at its corners; the clip keeps them off the labels.
  const clip = `clip-${width}-${chartKey(chart)}`
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${chartTitle(input)}">
<clipPath id="${clip}">
<rect x="${frame.left}" y="${frame.top}" width="${frame.right - frame.left}" height="${frame.bottom - frame.top}"/></clipPath>
${drawFrame(frame)}
${drawChangeMarks(changes, frame)}
<g clip-path="url(#${clip})">${trend && drawTrend(trend, frame)}</g>
<path class="series" d="${seriesPath(series, frame)}"/>
${hoverPoints(input, frame)}
${drawAnomalies(marks, frame, { series, changes })}
</svg>`
}

function drawTrend(trend: ReportTrend, { x, y }: ChartFrame): Markup | undefined {
  if (!trend.line || trend.direction === 'none') return undefined
  const points = (line: readonly (readonly [number, number])[]): string =>
    line.map(([px, py]) => `${x(px)},${y(py)}`).join(' ')
  const { fitted, low, high } = trend.line
  // The ends of the interval cross in the middle: two triangles, drawn as one self-crossing shape.
  const band = [low[0], high[0], low[1], high[1]].filter((point) => point !== undefined)
  return html`<polygon class="band" points="${points(band)}"/>
<polyline class="trend" points="${points(fitted)}"><title>${trend.plain}</title></polyline>`
}

/** The line, broken where the data have a gap. */
function seriesPath({ points }: Series, { x, y }: ChartFrame): string {
  const gaps = points.slice(1).map(([at], index) => at - points[index]![0])
  const usual = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0
  return points
    .map(([px, py], index) => `${index === 0 || gaps[index - 1]! > usual * 3.5 ? 'M' : 'L'}${x(px)} ${y(py)}`)
    .join('')
}

/** Dots that name their value on hover; left out where they would lie closer than a pointer can tell apart. */
function hoverPoints({ chart, column }: LineChartInput, { x, y }: ChartFrame): Markup[] {
  const { points, xKind } = chart.series
  if (points.length > HOVER_POINTS) return []
  const unit = timeUnitOf(points.map(([px]) => px))
  const range = rangeOf(column)
  return points.map(([px, py]) => {
    const where = xKind === 'time' ? timeText(px, unit) : `row ${px}`
    return html`<circle class="${points.length <= 70 ? 'point' : 'point unseen'}" cx="${x(px)}" cy="${y(py)}" r="2"><title>${where}: ${quantityText(py, column.unit, range)}</title></circle>`
  })
}

function anomalyMarks({ chart, column, anomalies }: LineChartInput): AnomalyMark[] {
  const range = rangeOf(column)
  const rows = column.numeric ? column.numeric.count + column.numeric.missing : chart.series.points.length
  return anomalies.flatMap((anomaly) => {
    const x = rowPosition(anomaly, chart.series, rows)
    if (x === undefined) return []
    const text = `${anomaly.where}: ${quantityText(anomaly.value, column.unit === '%' ? '%' : undefined, range)}`
    return { x, y: anomaly.value, text, title: anomaly.plain }
  })
}

function drawAnomalies(
  marks: readonly AnomalyMark[],
  frame: ChartFrame,
  { series, changes }: { series: Series; changes: readonly ChangeMark[] },
): Markup {
  const at = (mark: { x: number; y: number }): [number, number] => [frame.x(mark.x), frame.y(mark.y)]
  const dots = marks.map((mark) => at(mark))
  const labels = placeLabels(
    marks
      .slice(0, MAX_LABELS)
      .map((mark, index) => ({ x: dots[index]![0], y: dots[index]![1], text: mark.text })),
    {
      bounds: { left: frame.left + 2, top: frame.top - 4, right: frame.width, bottom: frame.bottom - 2 },
      // These labels are bold, and so a tenth wider.
      fontPx: FONT_PX * 1.1,
      curve: [...series.points.map(([x, y]) => at({ x, y })), ...dots],
      taken: changes.map((change) => ({
        left: frame.x(change.x) - 1,
        right: frame.x(change.x) + 1,
        top: frame.top,
        bottom: frame.bottom,
      })),
    },
  )
  return html`${marks.map(
    (mark, index) =>
      html`<circle class="anomaly" cx="${dots[index]![0]}" cy="${dots[index]![1]}" r="5"><title>${mark.title}</title></circle>`,
  )}${labels.map(({ x, y, text }) => html`<text class="anomaly-label" x="${x}" y="${y}">${text}</text>`)}`
}

function chartTitle({ chart, column, trend, anomalies }: LineChartInput): string {
  const unit = column.unit ? ` in ${column.unit}` : ''
  const marked = anomalies.length === 0 ? '' : ` ${anomalies.length} marked as unusual.`
  return `Line chart of ${column.label}${unit}, ${chart.series.points.length} points.${trend ? ` ${trend.plain}` : ''}${marked}`
}

/** Ids in a page must be unique and plain, whatever the columns are called. */
function chartKey({ document, table, column }: ReportChart): string {
  let hash = 0x811c9dc5
  for (const unit of new TextEncoder().encode(JSON.stringify([document, table, column]))) {
    hash = Math.imul(hash ^ unit, 0x01000193) >>> 0
  }
  return hash.toString(36)
}
