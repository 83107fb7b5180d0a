import type { Anomaly, ColumnFinding, Correlation, Insight, Trend } from '#schemas/analysis.ts'
import type { Confidence } from '#schemas/report.ts'
import type { AnalysisIndex } from './analysis-index.ts'
import { columnLabel } from './labels.ts'
import { coefficientText, percentText, quantityText } from './number-text.ts'
import { timeText, timeUnitOf, whereText } from './time-text.ts'
import { trendLine } from './trend-line.ts'

/** How firmly a finding of this strength may be worded. */
export function confidenceOf(strength: number): Confidence {
  if (strength >= 0.8) return 'strong'
  return strength >= 0.5 ? 'moderate' : 'weak'
}

/** Picks the wording that the confidence allows. */
export function worded(confidence: Confidence, wordings: Readonly<Record<Confidence, string>>): string {
  return wordings[confidence]
}

/** An insight in words that a manager would repeat; its own statement where the data behind it say nothing plainer. */
export function plainSentence(insight: Insight, index: AnalysisIndex): string {
  const confidence = confidenceOf(insight.strength)
  switch (insight.kind) {
    case 'trend': {
      const trend = index.trendOf(insight)
      return trend ? plainTrend(trend, index.column(trend), confidence) : insight.statement
    }
    case 'change-point': {
      const trend = index.trendOf(insight)
      return (trend && plainChange(trend, insight, index.column(trend))) ?? insight.statement
    }
    case 'anomaly': {
      const [anomaly, ...others] = index.anomaliesOf(insight)
      // Of several the statement says how many there are and names the first.
      return anomaly && others.length === 0 ? plainAnomaly(anomaly, index.column(anomaly)) : insight.statement
    }
    case 'correlation': {
      const correlation = index.correlationOf(insight)
      return correlation ? plainCorrelation(correlation) : insight.statement
    }
    default:
      return insight.statement
  }
}

const MOVES: Record<'rising' | 'falling', Record<Confidence, string>> = {
  rising: { strong: 'rose', moderate: 'appears to have risen', weak: 'may have risen' },
  falling: { strong: 'fell', moderate: 'appears to have fallen', weak: 'may have fallen' },
}

/** `CO2 rose from about 310 ppm in 1959 to about 415 ppm in 2023.` */
export function plainTrend(trend: Trend, column: ColumnFinding | undefined, confidence: Confidence): string {
  const { label, unit } = columnLabel(trend.column)
  if (trend.direction === 'none') return `${capital(label)} shows no trend over ${trend.n} values.`
  const move = MOVES[trend.direction][confidence]
  const line = trendLine(trend, column?.series)
  const [from, to] = line?.fitted ?? []
  if (!from || !to || !column?.series) {
    const change = trend.relativeChange === null ? '' : ` by ${percentText(Math.abs(trend.relativeChange))}`
    return `${capital(label)} ${move}${change} over ${trend.n} values.`
  }
  const range = rangeOf(column)
  const position = positionText(column.series)
  return (
    `${capital(label)} ${move} from about ${quantityText(from[1], unit, range)} ${position(from[0])} ` +
    `to about ${quantityText(to[1], unit, range)} ${position(to[0])}.`
  )
}

/** `Sales fell abruptly around March 2020: from about 310 to about 190.` */
function plainChange(trend: Trend, insight: Insight, column: ColumnFinding | undefined): string | undefined {
  const rows = insight.provenance.flatMap((from) => from.rows ?? [])
  const change = trend.changePoints.find(({ row }) => rows.includes(row))
  if (!change) return undefined
  const { label, unit } = columnLabel(trend.column)
  const range = column && rangeOf(column)
  const where = `at ${whereText(change, column?.series)}`
  return (
    `The level of ${label} shifted ${where}, from about ${quantityText(change.before, unit, range)} ` +
    `to about ${quantityText(change.after, unit, range)}.`
  )
}

/** `Sales stands out at May 2021: 940, where 210 to 330 would be ordinary.` */
export function plainAnomaly(anomaly: Anomaly, column: ColumnFinding | undefined): string {
  const { label, unit } = columnLabel(anomaly.column)
  const range = column && rangeOf(column)
  const where = whereText(anomaly, column?.series)
  return (
    `${capital(label)} stands out at ${where}: ${quantityText(anomaly.value, unit, range)}, where ` +
    `${quantityText(anomaly.expected.low, unit, range)} to ${quantityText(anomaly.expected.high, unit, range)} would be ordinary.`
  )
}

/** `Heat and sales rise and fall together (Spearman +0.91 over 60 rows).` */
export function plainCorrelation(correlation: Correlation): string {
  const [a, b] = [columnLabel(correlation.a).label, columnLabel(correlation.b).label]
  const size = Math.abs(correlation.spearman)
  const closely = size >= 0.8 ? 'closely ' : size >= 0.5 ? '' : 'loosely '
  const relation =
    correlation.spearman >= 0 ? `rise and fall ${closely}together` : `move ${closely}in opposite directions`
  return `${capital(a)} and ${b} ${relation} (Spearman ${coefficientText(correlation.spearman)} over ${correlation.n} rows).`
}

/** The range of a column's values, for rounding. */
export function rangeOf(column: Pick<ColumnFinding, 'numeric'>): number | undefined {
  return column.numeric && column.numeric.max - column.numeric.min
}

function positionText(series: NonNullable<ColumnFinding['series']>): (x: number) => string {
  if (series.xKind === 'row') return (x) => `in row ${x}`
  const unit = timeUnitOf(series.points.map(([x]) => x))
  const preposition = unit === 'year' || unit === 'month' ? 'in' : 'on'
  return (x) => `${preposition} ${timeText(x, unit)}`
}

/** The first letter large where the name begins with an ordinary word: `pH`, `iOS` and `co2` stay as they are. */
function capital(text: string): string {
  return /^\p{Ll}{2,}(?:\s|$)/u.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
}
