import type { ColumnFinding, Insight } from '#schemas/analysis.ts'
import { type AnalysisIndex, type ColumnPlace, placeKey, placesOf, tableKey } from './analysis-index.ts'
import { changeOf } from './sentences/change-sentence.ts'

/** Rows around a step in which unusual values belong to it. */
const STEP_MARGIN_ROWS = 3
/** Size of a correlation without the trends from which it is a fact of its own; the same as the analysis asks for. */
const OWN_CORRELATION = 0.3
/** Rank correlation from which two columns tell the same of a third. */
const SAME_DRIVER = 0.95

/**
 * One fact once: which insights say again what a more important one says. Takes insights by importance, the first the
 * most important; gives the id of the insight that is repeated, by the id of the one that repeats it.
 */
export function repeatedInsights(ranked: readonly Insight[], index: AnalysisIndex): Map<string, string> {
  const repeats = new Map<string, string>()
  const told: Insight[] = []
  const toldOf = new Map<string, Insight[]>()
  for (const insight of ranked) {
    const places = placesOf(insight)
    // Only insights about the same columns, or about columns computed from each other, can say the same.
    const near = new Set(
      places.flatMap((place) => neighbours(place, index)).flatMap((key) => toldOf.get(key) ?? []),
    )
    const first =
      [...near].find((earlier) => saysAgain(insight, earlier, index)) ?? trendsBehind(insight, told, index)
    if (first) {
      repeats.set(insight.id, first.id)
      continue
    }
    told.push(insight)
    for (const place of places) {
      for (const key of neighbours(place, index)) toldOf.set(key, [...(toldOf.get(key) ?? []), insight])
    }
  }
  return repeats
}

/** Keys of a column and of those that it is computed from. */
function neighbours(place: ColumnPlace, index: AnalysisIndex): string[] {
  const sources = index.column(place)?.derivedFrom?.columns ?? []
  return [place.column, ...sources].map((column) => placeKey({ ...place, column }))
}

/** Whether `again` is about the same event or relation as `earlier`, which counts for more. */
function saysAgain(again: Insight, earlier: Insight, index: AnalysisIndex): boolean {
  const pair = { again, earlier, index }
  return [
    sameThroughDerivation,
    sameSeason,
    anomalyOfStep,
    anomalyOfRule,
    shapeOfAnomalies,
    shapeOfCourse,
    samePairOfColumns,
    sameDriver,
  ].some((rule) => rule(pair))
}

interface Pair {
  again: Insight
  earlier: Insight
  index: AnalysisIndex
}

/** The trend of a total and of its parts, the step of a column and of its copy. */
function sameThroughDerivation({ again, earlier, index }: Pair): boolean {
  if (again.kind !== earlier.kind || !SINGLE_COLUMN.has(again.kind)) return false
  const [a, b] = [index.columnOf(again), index.columnOf(earlier)]
  if (!a || !b || a === b || !isDerivation(a, b)) return false
  if (again.kind !== 'trend') return rowsOf(again).join() === rowsOf(earlier).join()
  return index.trendOf(again)?.direction === index.trendOf(earlier)?.direction
}

const SINGLE_COLUMN: ReadonlySet<Insight['kind']> = new Set([
  'trend',
  'change-point',
  'anomaly',
  'seasonality',
  'distribution',
  'category',
])

function isDerivation(a: ColumnFinding, b: ColumnFinding): boolean {
  if (tableKey(a) !== tableKey(b)) return false
  const from = (one: ColumnFinding, other: ColumnFinding): boolean =>
    one.derivedFrom?.columns.includes(other.column) ?? false
  return from(a, b) || from(b, a)
}

/** The same cycle of the same column in another entity of a panel. */
function sameSeason({ again, earlier, index }: Pair): boolean {
  if (again.kind !== 'seasonality' || earlier.kind !== 'seasonality') return false
  const [a, b] = [index.seasonalityOf(again), index.seasonalityOf(earlier)]
  return a !== undefined && b !== undefined && placeKey(a) === placeKey(b) && a.cycle === b.cycle
}

function anomalyOfStep({ again, earlier, index }: Pair): boolean {
  if (again.kind !== 'anomaly' || earlier.kind !== 'change-point') return false
  const trend = index.trendOf(earlier)
  const step = trend && changeOf(trend, earlier)
  const rows = rowsOf(again)
  return (
    step !== undefined && rows.length > 0 && rows.every((row) => Math.abs(row - step.row) <= STEP_MARGIN_ROWS)
  )
}

/** A row that breaks a rule stands out because of that. */
function anomalyOfRule({ again, earlier, index }: Pair): boolean {
  if (again.kind !== 'anomaly' || earlier.kind !== 'constraint') return false
  const broken = new Set([...rowsOf(earlier), ...(index.constraintOf(earlier)?.rows ?? [])])
  const rows = rowsOf(again)
  return rows.length > 0 && rows.every((row) => broken.has(row))
}

/** "A few large values lift the mean": those that stand out were told. */
function shapeOfAnomalies({ again, earlier }: Pair): boolean {
  return again.kind === 'distribution' && earlier.kind === 'anomaly'
}

/** Two groups of values are those of a step, or of weekends beside working days. */
function shapeOfCourse({ again, earlier }: Pair): boolean {
  return (
    again.kind === 'distribution' &&
    (earlier.kind === 'seasonality' || earlier.kind === 'change-point') &&
    earlier.strength >= MODERATE
  )
}

/** A finding is at least moderately sure from here on. */
const MODERATE = 0.5

/** The same two columns, as a difference and as an association; or a category and its recoding. */
function samePairOfColumns({ again, earlier, index }: Pair): boolean {
  if (!OF_GROUPS.has(again.kind) || !OF_GROUPS.has(earlier.kind)) return false
  const names = (insight: Insight): string[] =>
    placesOf(insight).map((place) => {
      const { derivedFrom } = index.column(place) ?? {}
      const isRecoding = derivedFrom?.columns.length === 1 && derivedFrom.how !== 'sum'
      return isRecoding ? derivedFrom.columns[0]! : place.column
    })
  return names(again).sort().join('\n') === names(earlier).sort().join('\n')
}

/** Of columns that measure the same thing (carat, length, width) one is told to go with a third. */
function sameDriver({ again, earlier, index }: Pair): boolean {
  if (again.kind !== 'correlation' || earlier.kind !== 'correlation') return false
  const [places, others] = [placesOf(again), placesOf(earlier)]
  const isIn = (place: ColumnPlace, all: readonly ColumnPlace[]) =>
    all.some((other) => placeKey(other) === placeKey(place))
  const a = places.find((place) => !isIn(place, others))
  const b = others.find((place) => !isIn(place, places))
  if (!a || !b || places.length !== 2 || others.length !== 2) return false
  const size = index.pairOf(a, b)?.spearman
  return size !== undefined && Math.abs(size) >= SAME_DRIVER
}

const OF_GROUPS: ReadonlySet<Insight['kind']> = new Set(['difference', 'association', 'correlation'])

/** A correlation of two columns whose trends are told, and which nothing but these trends makes. */
function trendsBehind(insight: Insight, told: readonly Insight[], index: AnalysisIndex): Insight | undefined {
  if (insight.kind !== 'correlation') return undefined
  const { spearmanWithoutTrend, spearmanOfInnovations } = insight.evidence
  const without = spearmanOfInnovations ?? spearmanWithoutTrend
  if (typeof without === 'number' && Math.abs(without) >= OWN_CORRELATION) return undefined
  const trends = placesOf(insight).map((place) =>
    told.find(
      (each) =>
        each.kind === 'trend' &&
        index.trendOf(each)?.entity === undefined &&
        placesOf(each).some((at) => placeKey(at) === placeKey(place)),
    ),
  )
  return trends.length > 1 && trends.every((trend) => trend !== undefined) ? trends[0] : undefined
}

function rowsOf(insight: Insight): number[] {
  return [...new Set(insight.provenance.flatMap(({ rows }) => rows ?? []))].sort((a, b) => a - b)
}
