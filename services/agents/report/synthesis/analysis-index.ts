import type { Analysis, Anomaly, ColumnFinding, Correlation, Insight, Trend } from '#schemas/analysis.ts'

/** Anything that stands in a column. */
export interface ColumnPlace {
  document: string
  table: string
  column: string
}

/** Finds the structured data that an insight speaks of, by its provenance. */
export interface AnalysisIndex {
  column(place: ColumnPlace): ColumnFinding | undefined
  columnOf(insight: Insight): ColumnFinding | undefined
  trendOf(insight: Insight): Trend | undefined
  /** One insight may speak of several rows, and of several columns. */
  anomaliesOf(insight: Insight): Anomaly[]
  correlationOf(insight: Insight): Correlation | undefined
}

/** A key for a column. JSON keeps names apart that contain each other's separators. */
export function placeKey(place: ColumnPlace): string {
  return JSON.stringify([place.document, place.table, place.column])
}

/** Indexes an analysis once; the first entry wins where two have the same key. */
export function indexAnalysis(analysis: Analysis): AnalysisIndex {
  const columns = firstByKey(analysis.columns, placeKey)
  const trends = firstByKey(analysis.trends, placeKey)
  const anomalies = firstByKey(analysis.anomalies, (anomaly) => anomalyKey(anomaly, anomaly.row))
  const correlations = firstByKey(analysis.correlations, pairKey)
  return {
    column: (place) => columns.get(placeKey(place)),
    columnOf: (insight) => firstDefined(placesOf(insight), (place) => columns.get(placeKey(place))),
    trendOf: (insight) => firstDefined(placesOf(insight), (place) => trends.get(placeKey(place))),
    anomaliesOf: (insight) =>
      insight.provenance.flatMap(({ document, table, column, rows = [] }) =>
        table === undefined || column === undefined
          ? []
          : rows.flatMap((row) => anomalies.get(anomalyKey({ document, table, column }, row)) ?? []),
      ),
    correlationOf: (insight) => {
      const [a, b] = placesOf(insight)
      return a && b && correlations.get(pairKey({ ...a, a: a.column, b: b.column }))
    },
  }
}

/** The columns that an insight names, in its order. */
export function placesOf(insight: Insight): ColumnPlace[] {
  return insight.provenance.flatMap(({ document, table, column }) =>
    table === undefined || column === undefined ? [] : [{ document, table, column }],
  )
}

function anomalyKey(place: ColumnPlace, row: number): string {
  return `${placeKey(place)} ${row}`
}

/** The same for (a, b) and (b, a). */
function pairKey(pair: { document: string; table: string; a: string; b: string }): string {
  return JSON.stringify([pair.document, pair.table, ...[pair.a, pair.b].sort()])
}

function firstByKey<Entry>(entries: readonly Entry[], keyOf: (entry: Entry) => string): Map<string, Entry> {
  const found = new Map<string, Entry>()
  for (const entry of entries) {
    const key = keyOf(entry)
    if (!found.has(key)) found.set(key, entry)
  }
  return found
}

function firstDefined<From, To>(
  entries: readonly From[],
  find: (entry: From) => To | undefined,
): To | undefined {
  for (const entry of entries) {
    const found = find(entry)
    if (found !== undefined) return found
  }
  return undefined
}
