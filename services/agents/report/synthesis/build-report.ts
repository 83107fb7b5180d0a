import type { Analysis, Insight } from '#schemas/analysis.ts'
import type { Report, ReportColumn, ReportTrend } from '#schemas/report.ts'
import { type AnalysisIndex, indexAnalysis, placeKey, placesOf, tableKey } from './analysis-index.ts'
import { selectCharts, sequencesOf } from './chart-selection.ts'
import { dataQualityOf } from './data-quality.ts'
import { rankFindings } from './ranking.ts'
import { recommend } from './recommendations.ts'
import { plainAnomaly } from './sentences/anomaly-sentence.ts'
import { isInTime, plainCorrelation } from './sentences/relation-sentence.ts'
import { plainTrend } from './sentences/trend-sentence.ts'
import { headlineOf, summaryOf } from './summary.ts'
import { whereText } from './time-text.ts'
import { trendLine } from './trend-line.ts'
import { confidenceOf, labelOf } from './wording.ts'

const SPARK_POINTS = 60

export interface ReportInput {
  title?: string | undefined
  analysis: Analysis
  nowMs: number
}

/** Makes the report of an analysis. Pure: the same input gives the same report, byte for byte. */
export function buildReport({ title, analysis, nowMs }: ReportInput): Report {
  const index = indexAnalysis(analysis)
  const findings = rankFindings(analysis.insights, index)
  const quality = dataQualityOf(analysis)
  const { charts, leftOut } = selectCharts(analysis)
  const summaryInput = { analysis, findings, quality }
  return {
    v: 1,
    title: title ?? defaultTitle(analysis),
    generatedAtMs: nowMs,
    headline: headlineOf(summaryInput),
    summary: summaryOf(summaryInput),
    findings,
    recommendations: recommend(summaryInput, index),
    charts,
    chartsLeftOut: leftOut,
    columns: columnsOf(analysis),
    anomalies: anomaliesOf(analysis, index),
    trends: trendsOf(analysis, index),
    correlations: correlationsOf(analysis, index),
    ...structuresOf(analysis),
    texts: analysis.texts.map((text) => ({ ...text, insightIds: insightsAbout(analysis, text.document) })),
    images: analysis.images,
    dataQuality: quality,
    sources: analysis.documents.map(({ name, kind, mediaType, bytes, sha256 }) => ({
      name,
      kind,
      mediaType,
      bytes,
      sha256,
    })),
  }
}

type Structures = Pick<Report, 'tables' | 'differences' | 'associations' | 'constraints' | 'seasonalities'>

/** What the report shows as the analysis has it; absent where the analysis did not look for it. */
function structuresOf({
  tables,
  differences,
  associations,
  constraints,
  seasonalities,
}: Analysis): Structures {
  return {
    ...(tables && { tables }),
    ...(differences && { differences }),
    ...(associations && { associations }),
    ...(constraints && { constraints }),
    ...(seasonalities && { seasonalities }),
  }
}

function columnsOf(analysis: Analysis): ReportColumn[] {
  const sequences = sequencesOf(analysis)
  return analysis.columns.map(({ series, ...column }) => {
    const { document, table } = column
    const { label, unit } = labelOf(column.column, column)
    // What has no order has no course.
    const isCourse = series && (series.xKind === 'time' || sequences.has(tableKey(column)))
    return {
      ...column,
      label,
      ...(unit !== undefined && { unit }),
      ...(isCourse && { spark: thinned(series.points.map(([, y]) => y)) }),
      provenance: [{ document, table, column: column.column, method: 'descriptive statistics' }],
    }
  })
}

/** Anomalies, the most unusual first. */
function anomaliesOf(analysis: Analysis, index: AnalysisIndex): Report['anomalies'] {
  return analysis.anomalies
    .map((anomaly) => ({
      ...anomaly,
      where: whereText(anomaly, index.column(anomaly)?.series, index.structure(anomaly)?.granularity),
      plain: plainAnomaly(anomaly, {
        column: index.column(anomaly),
        structure: index.structure(anomaly),
        confidence: 'strong',
      }),
      provenance: [
        {
          document: anomaly.document,
          table: anomaly.table,
          column: anomaly.column,
          rows: [anomaly.row],
          method: anomaly.methods.join(', '),
        },
      ],
    }))
    .sort((a, b) => surpriseOf(b) - surpriseOf(a))
}

/** How unusual: the robust score, which an outlier cannot hide from, else the plain one. */
function surpriseOf(anomaly: { zScore: number; robustZ: number | null }): number {
  return Math.abs(anomaly.robustZ ?? anomaly.zScore)
}

function trendsOf(analysis: Analysis, index: AnalysisIndex): ReportTrend[] {
  const strengths = strengthByColumn(analysis.insights)
  return analysis.trends.map((trend) => {
    const [column, structure] = [index.column(trend), index.structure(trend)]
    // Without an insight of its own, a trend is worded by its test alone.
    const strength = strengths.get(placeKey(trend)) ?? (trend.pValue < 0.01 ? 0.6 : 0)
    return {
      ...trend,
      plain: plainTrend(trend, { column, structure, confidence: confidenceOf(strength) }),
      changePoints: trend.changePoints.map((change) => ({
        ...change,
        where: whereText(change, column?.series, structure?.granularity),
      })),
      line: trendLine(trend, trend.entity === undefined ? column?.series : trend.series),
      provenance: [
        {
          document: trend.document,
          table: trend.table,
          column: trend.column,
          method: 'Theil–Sen slope, Mann–Kendall test',
        },
      ],
    }
  })
}

function strengthByColumn(insights: readonly Insight[]): Map<string, number> {
  const strengths = new Map<string, number>()
  for (const insight of insights) {
    const place = insight.kind === 'trend' ? placesOf(insight)[0] : undefined
    if (place && !strengths.has(placeKey(place))) strengths.set(placeKey(place), insight.strength)
  }
  return strengths
}

/** Correlations, the closest first. */
function correlationsOf(analysis: Analysis, index: AnalysisIndex): Report['correlations'] {
  return analysis.correlations
    .map((pair) => ({
      ...pair,
      plain: plainCorrelation(pair, {
        inTime: isInTime(index.structure(pair)),
        subject: index.structure(pair)?.subject,
        unit: countedIn(pair, { analysis, index }),
      }),
      provenance: [pair.a, pair.b].map((column) => ({
        document: pair.document,
        table: pair.table,
        column,
        method: 'Spearman rank correlation, Holm correction',
      })),
    }))
    .sort((a, b) => Math.abs(b.spearman) - Math.abs(a.spearman))
}

/** What was counted, where it is no row: as an insight on the pair says, else the entities of a panel. */
function countedIn(
  pair: Analysis['correlations'][number],
  { analysis, index }: { analysis: Analysis; index: AnalysisIndex },
): string | undefined {
  const insight = analysis.insights.find(
    (each) => each.kind === 'correlation' && index.correlationOf(each) === pair,
  )
  if (insight?.evidence.unit !== undefined) return String(insight.evidence.unit)
  const entity = index.structure(pair)?.entity
  return !insight && entity && pair.n <= entity.count ? entity.column : undefined
}

function insightsAbout(analysis: Analysis, document: string): string[] {
  return analysis.insights
    .filter(({ provenance }) => provenance.some((from) => from.document === document))
    .map(({ id }) => id)
}

function defaultTitle(analysis: Analysis): string {
  const [first, ...rest] = analysis.documents
  if (!first) return 'Report'
  return rest.length === 0 ? `Report on ${first.name}` : `Report on ${first.name} and ${rest.length} more`
}

/** At most SPARK_POINTS values, evenly spaced, the first and last among them. */
function thinned(values: readonly number[]): number[] {
  if (values.length <= SPARK_POINTS) return [...values]
  const step = (values.length - 1) / (SPARK_POINTS - 1)
  return Array.from({ length: SPARK_POINTS }, (_, position) => values[Math.round(position * step)]!)
}
