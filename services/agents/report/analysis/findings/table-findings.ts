import type { Anomaly, ColumnFinding } from '#schemas/analysis.ts'
import type { Constraint } from '#schemas/relations.ts'
import { rowValues } from '../structure/row-values.ts'
import { type BrokenRule, brokenRules, constraintOf } from '../structure/table-constraints.ts'
import { anomalyFindings } from './anomaly-findings.ts'
import { columnFinding } from './column-findings.ts'
import type { PreparedTable } from './prepared-table.ts'
import { type RelationFindings, relationFindings } from './relation-findings.ts'
import { type TrendFinding, trendFinding } from './trend-findings.ts'

/** Everything found in one table. */
export interface TableFindings {
  table: PreparedTable
  columns: ColumnFinding[]
  /** By column. */
  trends: Map<string, TrendFinding>
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
  for (const column of table.numeric) {
    const summary = columns.find((c) => c.column === column.name)?.numeric
    if (!summary) continue
    const trend = trendFinding(table, column)
    if (trend) trends.set(column.name, trend)
    // Of a table that was reshaped the rows of the source are told.
    for (const anomaly of anomalyFindings(table, column, { summary, trend })) {
      anomalies.push({ ...anomaly, row: table.sourceRow(anomaly.row - 1) })
    }
    yield
  }
  const relations = yield* relationFindings(table)
  const rules = rulesOf(table)
  return { table, columns, trends, anomalies, relations, ...rules }
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
