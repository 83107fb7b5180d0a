import type { Insight, Provenance } from '#schemas/analysis.ts'
import type { PreparedTable } from '../findings/prepared-table.ts'

/** An insight before it has its rank. */
export type InsightDraft = Omit<Insight, 'id'>

export function columnProvenance(
  table: Pick<PreparedTable, 'document' | 'name'>,
  column: string,
  { method, rows }: { method: string; rows?: number[] },
): Provenance {
  return { document: table.document, table: table.name, column, ...(rows && { rows }), method }
}

/** The name by which people know a table: the document's, unless it holds several tables. */
export function placeText({ document, name }: Pick<PreparedTable, 'document' | 'name'>): string {
  return name === document || name.startsWith(`${document}#`) ? name : `${document} (${name})`
}
