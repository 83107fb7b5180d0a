import type { Anomaly, ColumnFinding } from '#schemas/analysis.ts'
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
    anomalies.push(...anomalyFindings(table, column, { summary, trend }))
    yield
  }
  const relations = yield* relationFindings(table)
  return { table, columns, trends, anomalies, relations }
}
