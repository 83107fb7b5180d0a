import type { Anomaly, ColumnFinding } from '#schemas/analysis.ts'
import type { Constraint } from '#schemas/relations.ts'
import type { PreparedTable } from '../../structure/prepared-table.ts'
import { isRule } from '../../structure/row-check.ts'
import { rowValues } from '../../structure/row-values.ts'
import { type BrokenRule, brokenRules, constraintOf } from '../../structure/table-constraints.ts'
import { anomalyFindings, type ColumnCourse } from './anomaly-findings.ts'
import { addCourses, type ColumnCourses, type TestedCourses } from './column-courses.ts'
import { columnFinding } from './column-findings.ts'
import { type RelationFindings, relationFindings } from './relation-findings.ts'
import type { TrendFinding } from './trend-findings.ts'
import { wholeAnomalies } from './whole-anomalies.ts'
import { courseTable } from './whole-columns.ts'

/** Everything found in one table. */
export interface TableFindings extends Omit<ColumnCourses, 'tested'> {
  table: PreparedTable
  columns: ColumnFinding[]
  /** Raw p of every trend, step, season and tail that was tested. */
  tested: TestedCourses & { tail: number[] }
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
  const courses: ColumnCourses = {
    trends,
    entityTrends: [],
    jointTrends: [],
    seasons: [],
    tested: { trend: [], step: [], spread: [], season: [] },
  }
  const tail: number[] = []
  const anomalyPValues = new Map<string, number>()
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
    tail.push(found.pValue)
    anomalyPValues.set(found.column, found.pValue)
    // Of a table that was reshaped the rows of the source are told.
    for (const anomaly of found.anomalies) {
      anomalies.push({ ...anomaly, row: table.sourceRow(anomaly.row - 1) })
    }
  }
  const relations = yield* relationFindings(table)
  const rules = rulesOf(table)
  const tested = { ...courses.tested, tail }
  return { table, columns, anomalies, anomalyPValues, relations, ...courses, tested, ...rules }
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
