import type { Anomaly, ColumnFinding } from '#schemas/analysis.ts'
import type { Constraint } from '#schemas/relations.ts'
import type { PreparedTable } from '../../structure/prepared-table.ts'
import { rowValues } from '../../structure/row-values.ts'
import { type BrokenRule, brokenRules, constraintOf } from '../../structure/table-constraints.ts'
import { hasOrdinaryMagnitude } from '../statistics/numeric-summary.ts'
import { anomalyFindings } from './anomaly-findings.ts'
import { addCourses, type ColumnCourses } from './column-courses.ts'
import { columnFinding } from './column-findings.ts'
import { type RelationFindings, relationFindings } from './relation-findings.ts'
import type { TrendFinding } from './trend-findings.ts'

/** Everything found in one table. */
export interface TableFindings extends ColumnCourses {
  table: PreparedTable
  columns: ColumnFinding[]
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
  for (let index = 0; index < table.source.columns.length; index++) {
    columns.push(columnFinding(table, index))
    yield
  }
  const courses: ColumnCourses = { trends, entityTrends: [], jointTrends: [], seasons: [], pValues: [] }
  const anomalyPValues = new Map<string, number>()
  for (const column of table.numeric) {
    const summary = columns.find((c) => c.column === column.name)?.numeric
    if (!summary) continue
    if (column.role === 'measure' && hasOrdinaryMagnitude(column.values)) {
      yield* addCourses(courses, table, column)
    }
    // Of a table that was reshaped the rows of the source are told.
    const found = anomalyFindings(table, column, { summary, trend: trends.get(column.name) ?? null })
    courses.pValues.push(found.pValue)
    anomalyPValues.set(column.name, found.pValue)
    for (const anomaly of found.anomalies) {
      anomalies.push({ ...anomaly, row: table.sourceRow(anomaly.row - 1) })
    }
    yield
  }
  const relations = yield* relationFindings(table)
  const rules = rulesOf(table)
  return { table, columns, anomalies, anomalyPValues, relations, ...courses, ...rules }
}

function rulesOf(table: PreparedTable): Pick<TableFindings, 'brokenRules' | 'constraints'> {
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
