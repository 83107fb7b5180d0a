import type { Column } from '#schemas/document.ts'
import {
  type RelationFindings,
  relationFindings,
} from '../../../../../services/agents/report/analysis/findings/relation-findings.ts'
import type { InsightDraft } from '../../../../../services/agents/report/analysis/insights/insight-draft.ts'
import { relationInsights } from '../../../../../services/agents/report/analysis/insights/relation-insights.ts'
import type { RelationTable } from '../../../../../services/agents/report/analysis/relations/relation-table.ts'
import { prepareTable } from '../../../../../services/agents/report/structure/prepared-table.ts'
import { column, dataDocument } from '../sample-documents.ts'

/** Columns by name: numbers, words, or with `kind` said. */
export type Columns = Record<string, Column['values']>

/** A prepared table of columns: `date…` holds times, numbers are numbers, the rest categories. */
export function relationTable(columns: Columns, changes: Partial<RelationTable> = {}): RelationTable {
  const kindOf = (name: string, values: Column['values']): Column['kind'] => {
    if (name.startsWith('date')) return 'temporal'
    return values.some((value) => typeof value === 'number') ? 'number' : 'category'
  }
  const { name, tables } = dataDocument(
    't.csv',
    Object.entries(columns).map(([key, values]) => column(key, kindOf(key, values), values)),
  )
  return { ...prepareTable(name, tables![0]!), ...changes }
}

export function relationsOf(table: RelationTable): RelationFindings {
  const work = relationFindings(table)
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value
}

export function insightsOf(columns: Columns, changes: Partial<RelationTable> = {}): InsightDraft[] {
  return relationInsights({ relations: relationsOf(relationTable(columns, changes)) })
}
