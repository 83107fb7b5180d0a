import type { Anomaly, ColumnFinding } from '#schemas/analysis.ts'
import type { Constraint } from '#schemas/relations.ts'
import { entityPoints, type OrderedPoints, orderedPoints } from '../../structure/ordered-points.ts'
import type { NumericColumn, PreparedTable } from '../../structure/prepared-table.ts'
import { isRule } from '../../structure/row-check.ts'
import { rowValues } from '../../structure/row-values.ts'
import { type BrokenRule, brokenRules, constraintOf } from '../../structure/table-constraints.ts'
import { hasOrdinaryMagnitude } from '../statistics/numeric-summary.ts'
import { anomalyFindings, type ColumnCourse } from './anomaly-findings.ts'
import { columnFinding } from './column-findings.ts'
import { type RelationFindings, relationFindings } from './relation-findings.ts'
import { isSeasonal, type SeasonalityFinding, seasonalityFindings } from './seasonality-findings.ts'
import { type TrendFinding, trendFinding } from './trend-findings.ts'
import { wholeAnomalies } from './whole-anomalies.ts'
import { courseTable } from './whole-columns.ts'

/** Everything found in one table. */
export interface TableFindings {
  table: PreparedTable
  columns: ColumnFinding[]
  /** By column; of a panel what all entities do together is not among them. */
  trends: Map<string, TrendFinding>
  /** Of a panel: by column those of its entities. */
  entityTrends: TrendFinding[]
  /** Calendar cycles that were tested, sure or not. */
  seasons: SeasonalityFinding[]
  /** Raw p of every trend, step, season and tail that was tested. */
  tested: TestedCourses
  /** Of anomalies, by column. */
  anomalyPValues: Map<string, number>
  anomalies: Anomaly[]
  relations: RelationFindings
  brokenRules: BrokenRule[]
  constraints: Constraint[]
}

/** Analyses a table column by column; pauses after each, so that the caller can breathe and report. */
export function* tableFindings(table: PreparedTable): Generator<void, TableFindings> {
  const columns: ColumnFinding[] = []
  const trends = new Map<string, TrendFinding>()
  const anomalies: Anomaly[] = []
  const inTime = courseTable(table)
  for (let index = 0; index < table.source.columns.length; index++) {
    columns.push(columnFinding(table, index, inTime))
    yield
  }
  const courses: Courses = {
    trends,
    entityTrends: [],
    seasons: [],
    tested: { trend: [], step: [], spread: [], season: [], tail: [] },
    anomalyPValues: new Map(),
  }
  const looked: ColumnCourse[] = []
  for (const column of table.numeric) {
    const summary = columns.find((c) => c.column === column.name)?.numeric
    if (!summary) continue
    if (inTime === table) yield* addCourses(courses, table, column)
    looked.push({ column, summary, trend: trends.get(column.name) ?? null })
  }
  if (inTime !== table) for (const column of inTime.numeric) yield* addCourses(courses, inTime, column)
  const apart = table.source.whole ? wholeAnomalies(table, looked) : yield* anomalyFindings(table, looked)
  for (const found of apart) {
    courses.tested.tail.push(found.pValue)
    courses.anomalyPValues.set(found.column, found.pValue)
    // Of a table that was reshaped the rows of the source are told.
    for (const anomaly of found.anomalies) {
      anomalies.push({ ...anomaly, row: table.sourceRow(anomaly.row - 1) })
    }
  }
  const relations = yield* relationFindings(table)
  const rules = rulesOf(table)
  return { table, columns, anomalies, relations, ...courses, ...rules }
}

/** The courses of one column, if it is a measure. */
function* addCourses(courses: Courses, table: PreparedTable, column: NumericColumn): Generator<void> {
  if (column.role !== 'measure' || !hasOrdinaryMagnitude(column.values)) return
  for (const series of seriesOf(table, column)) {
    addSeries(courses, { table, column, ...series })
    yield
  }
}

type TestedCourses = Record<'trend' | 'step' | 'spread' | 'season' | 'tail', number[]>

type Courses = Pick<TableFindings, 'trends' | 'entityTrends' | 'seasons' | 'tested' | 'anomalyPValues'>

/** Entities of a panel that are looked at, the first ones: each is a series of its own. */
const MAX_ENTITIES = 200

interface ColumnSeries {
  points: OrderedPoints
  entity?: string
  tried: number
}

function seriesOf(table: PreparedTable, column: NumericColumn): ColumnSeries[] {
  if (!table.entities) return [{ points: orderedPoints(table, column), tried: 1 }]
  const names = table.entities.names.slice(0, MAX_ENTITIES)
  return names.map((entity, i) => ({
    points: entityPoints(table, column, i),
    entity,
    tried: names.length,
  }))
}

function addSeries(
  courses: Courses,
  { table, column, ...series }: ColumnSeries & { table: PreparedTable; column: NumericColumn },
): void {
  const seasons = seasonalityFindings(table, column, series)
  courses.seasons.push(...seasons)
  courses.tested.season.push(...seasons.map(({ seasonality }) => seasonality.pValue))
  const trend = trendFinding(table, column, { ...series, seasons: seasons.filter(isSeasonal) })
  if (!trend) return
  const [line, step, spread, ...more] = trend.pValues
  courses.tested.trend.push(line!, ...more)
  courses.tested.step.push(step!)
  courses.tested.spread.push(spread!)
  if (series.entity === undefined) courses.trends.set(column.name, trend)
  else courses.entityTrends.push(trend)
}

function rulesOf(table: PreparedTable): Pick<TableFindings, 'brokenRules' | 'constraints'> {
  const { whole } = table.source
  if (whole) {
    const broken = whole.rules
      .filter(isRule)
      .map((rule) => ({ ...rule, rows: rule.rows.map((row) => row - 1) }))
    const place = { document: table.document, table: table.name, sourceRow: table.sourceRow }
    return { brokenRules: broken, constraints: broken.map((rule) => constraintOf(rule, place)) }
  }
  const known = new Map(table.derivations.values.map((values) => [values.name, values]))
  const columns = table.columns.flatMap(({ name, numeric }, index) => {
    if (!numeric || numeric.values.length === 0) return []
    const values = known.get(name) ?? rowValues(numeric, { index, rows: table.rows })
    return [{ ...values, isTime: numeric.kind === 'temporal', unit: numeric.unit }]
  })
  const broken = brokenRules({ columns, relations: table.derivations.relations })
  const place = { document: table.document, table: table.name, sourceRow: table.sourceRow }
  return { brokenRules: broken, constraints: broken.map((rule) => constraintOf(rule, place)) }
}
