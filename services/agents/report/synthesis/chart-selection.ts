import type { Analysis, ColumnFinding, Insight } from '#schemas/analysis.ts'
import type { ReportChart, Series } from '#schemas/report.ts'
import { placeKey, placesOf, tableKey } from './analysis-index.ts'

/** A dozen series is what a reader looks at; the overview table has a sparkline of every other one. */
const MAX_CHARTS = 12

/** The series to draw, most important first, and how many were left out. */
export function selectCharts(analysis: Analysis): { charts: ReportChart[]; leftOut: number } {
  const strongest = strongestByColumn(analysis)
  const tested = new Set(analysis.trends.map(placeKey))
  const tables = new Set(analysis.trends.map(tableKey))
  const sequences = sequencesOf(analysis)
  const ranked = analysis.columns
    .filter((column) => isDrawable(column, sequences))
    // Where other columns of a table were tested for a trend, one that was not counts rows or names years.
    .filter(
      (column) =>
        tested.has(placeKey(column)) || strongest.has(placeKey(column)) || !tables.has(tableKey(column)),
    )
    .map((column) => ({ column, insight: strongest.get(placeKey(column)) }))
    .sort((a, b) => (b.insight?.strength ?? 0) - (a.insight?.strength ?? 0))
  return {
    charts: ranked.slice(0, MAX_CHARTS).map(({ column, insight }) => ({
      document: column.document,
      table: column.table,
      column: column.column,
      ...(insight && { insightId: insight.id }),
      series: column.series,
    })),
    leftOut: Math.max(0, ranked.length - MAX_CHARTS),
  }
}

/** Insights are sorted by strength, so the first that names a column is its strongest. */
function strongestByColumn(analysis: Analysis): Map<string, Insight> {
  const strongest = new Map<string, Insight>()
  for (const insight of analysis.insights) {
    for (const place of placesOf(insight)) {
      const key = placeKey(place)
      if (!strongest.has(key)) strongest.set(key, insight)
    }
  }
  return strongest
}

/** Tables without a time whose rows follow each other all the same, as steps or samples. */
export function sequencesOf({ tables = [] }: Pick<Analysis, 'tables'>): ReadonlySet<string> {
  return new Set(tables.filter(({ kind }) => kind === 'time-series').map(tableKey))
}

/** A line is only drawn along time, or along a sequence; a constant or a single point makes no picture. */
function isDrawable(
  column: ColumnFinding,
  sequences: ReadonlySet<string>,
): column is ColumnFinding & { series: Series } {
  if (!column.series || column.series.points.length < 3) return false
  if (column.series.xKind !== 'time' && !sequences.has(tableKey(column))) return false
  return column.kind !== 'temporal' && column.numeric !== undefined && column.numeric.min < column.numeric.max
}
