import type {
  Analysis,
  Anomaly,
  ColumnFinding,
  Insight,
  Seasonality,
  TableStructure,
  Trend,
} from '#schemas/analysis.ts'
import type { Association, Constraint, Correlation, Difference } from '#schemas/relations.ts'

/** Anything that stands in a table. */
export interface TablePlace {
  document: string
  table: string
}

/** Anything that stands in a column. */
export interface ColumnPlace extends TablePlace {
  column: string
}

/** Finds the structured data that an insight speaks of, by its provenance. */
export interface AnalysisIndex {
  column(place: ColumnPlace): ColumnFinding | undefined
  columnOf(insight: Insight): ColumnFinding | undefined
  structure(place: TablePlace): TableStructure | undefined
  /** The trend of the entity that the insight names; without one that of the whole column. */
  trendOf(insight: Insight): Trend | undefined
  /** Of a panel: the trends of all entities of the column. */
  entityTrendsOf(insight: Insight): Trend[]
  seasonalityOf(insight: Insight): Seasonality | undefined
  /** One insight may speak of several rows, and of several columns. */
  anomaliesOf(insight: Insight): Anomaly[]
  correlationOf(insight: Insight): Correlation | undefined
  /** Of two columns of one table. */
  pairOf(a: ColumnPlace, b: ColumnPlace): Correlation | undefined
  differenceOf(insight: Insight): Difference | undefined
  associationOf(insight: Insight): Association | undefined
  constraintOf(insight: Insight): Constraint | undefined
  /** Whether a rule orders the columns (`low ≤ high`), so that they can only move together. */
  areOrdered(places: readonly ColumnPlace[]): boolean
}

/** A key for a column. JSON keeps names apart that contain each other's separators. */
export function placeKey(place: ColumnPlace): string {
  return JSON.stringify([place.document, place.table, place.column])
}

export function tableKey({ document, table }: TablePlace): string {
  return JSON.stringify([document, table])
}

/** Indexes an analysis once; the first entry wins where two have the same key. */
export function indexAnalysis(analysis: Analysis): AnalysisIndex {
  const columns = firstByKey(analysis.columns, placeKey)
  const structures = firstByKey(analysis.tables ?? [], tableKey)
  const anomalies = firstByKey(analysis.anomalies, (anomaly) => anomalyKey(anomaly, anomaly.row))
  const trends = Map.groupBy(analysis.trends, placeKey)
  const seasonalities = Map.groupBy(analysis.seasonalities ?? [], placeKey)
  return {
    column: (place) => columns.get(placeKey(place)),
    columnOf: (insight) => firstDefined(placesOf(insight), (place) => columns.get(placeKey(place))),
    structure: (place) => structures.get(tableKey(place)),
    trendOf: (insight) =>
      firstDefined(placesOf(insight), (place) => ofEntity(trends.get(placeKey(place)), insight)),
    entityTrendsOf: (insight) =>
      placesOf(insight).flatMap((place) =>
        (trends.get(placeKey(place)) ?? []).filter(({ entity }) => entity !== undefined),
      ),
    seasonalityOf: (insight) =>
      firstDefined(placesOf(insight), (place) =>
        ofEntity(ofCycle(seasonalities.get(placeKey(place)), insight), insight),
      ),
    anomaliesOf: (insight) =>
      insight.provenance.flatMap(({ document, table, column, rows = [] }) =>
        table === undefined || column === undefined
          ? []
          : rows.flatMap((row) => anomalies.get(anomalyKey({ document, table, column }, row)) ?? []),
      ),
    ...pairLookups(analysis),
    areOrdered: (places) =>
      (analysis.constraints ?? []).some(
        ({ rule, columns, document, table }) =>
          /[≤≥<>]/.test(rule) &&
          places.every(
            (place) => place.document === document && place.table === table && columns.includes(place.column),
          ),
      ),
    constraintOf: (insight) => constraintIn(analysis.constraints ?? [], insight),
  }
}

type PairLookups = Pick<AnalysisIndex, 'correlationOf' | 'pairOf' | 'differenceOf' | 'associationOf'>

function pairLookups(analysis: Analysis): PairLookups {
  const correlations = firstByKey(analysis.correlations, (pair) => pairKey(pair, [pair.a, pair.b]))
  const differences = firstByKey(analysis.differences ?? [], (each) =>
    pairKey(each, [each.measure, each.category]),
  )
  const associations = firstByKey(analysis.associations ?? [], (each) =>
    pairKey(each, [each.outcome, each.by]),
  )
  const keyOf = (insight: Insight): string => {
    const [a, b] = placesOf(insight)
    return a && b ? pairKey(a, [a.column, b.column]) : ''
  }
  return {
    pairOf: (a, b) => correlations.get(pairKey(a, [a.column, b.column])),
    correlationOf: (insight) => correlations.get(keyOf(insight)),
    differenceOf: (insight) => differences.get(keyOf(insight)),
    associationOf: (insight) => associations.get(keyOf(insight)),
  }
}

/** The columns that an insight names, in its order. */
export function placesOf(insight: Pick<Insight, 'provenance'>): ColumnPlace[] {
  return insight.provenance.flatMap(({ document, table, column }) =>
    table === undefined || column === undefined ? [] : [{ document, table, column }],
  )
}

/** The entry of the entity that the evidence names; of an insight that names none the entry of the whole. */
function ofEntity<Entry extends { entity?: string | undefined }>(
  entries: readonly Entry[] | undefined,
  { evidence }: Insight,
): Entry | undefined {
  const entity = evidence.entity === undefined ? undefined : String(evidence.entity)
  return entries?.find((entry) => entry.entity === entity)
}

/** Of several cycles of a column those that the evidence names. */
function ofCycle(seasons: Seasonality[] | undefined, { evidence }: Insight): Seasonality[] | undefined {
  return evidence.cycle === undefined ? seasons : seasons?.filter(({ cycle }) => cycle === evidence.cycle)
}

/** By the rule that the evidence names, else by the columns. */
function constraintIn(constraints: readonly Constraint[], insight: Insight): Constraint | undefined {
  const places = placesOf(insight)
  const [first] = places
  const ofTable = constraints.filter((each) => first && tableKey(each) === tableKey(first))
  const named = new Set(places.map(({ column }) => column))
  return (
    ofTable.find(({ rule }) => rule === insight.evidence.rule) ??
    ofTable.find(
      ({ columns }) => columns.length === named.size && columns.every((column) => named.has(column)),
    )
  )
}

function anomalyKey(place: ColumnPlace, row: number): string {
  return `${placeKey(place)} ${row}`
}

/** The same for (a, b) and (b, a). */
function pairKey({ document, table }: TablePlace, columns: readonly string[]): string {
  return JSON.stringify([document, table, ...[...columns].sort()])
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
