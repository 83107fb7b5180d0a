import type { Insight, Provenance } from '#schemas/analysis.ts'
import type { PreparedTable } from '../../structure/prepared-table.ts'

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
export function tableTitle({ document, name }: Pick<PreparedTable, 'document' | 'name'>): string {
  return name === document || name.startsWith(`${document}#`) ? name : `${document} (${name})`
}

const MAX_INSIGHTS = 100

/** The strongest first, at most 100, each statement once; equal strengths in order of their sentences. */
export function rankInsights(drafts: readonly InsightDraft[]): Insight[] {
  const unique = new Map(drafts.map((draft) => [draft.statement, draft]))
  return [...unique.values()]
    .sort((a, b) => b.strength - a.strength || (a.statement < b.statement ? -1 : 1))
    .slice(0, MAX_INSIGHTS)
    .map((draft, i) => ({ id: `i${i + 1}`, ...draft }))
}

export function clamp01(value: number): number {
  return Math.max(0, Math.min(1, value))
}
