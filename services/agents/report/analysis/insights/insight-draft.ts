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

/** p from which a result is as certain as it gets. */
const SMALLEST_P = 1e-10

/** 0 to 1: 0.2 at p = 0.01, 0.3 at 0.001, 1 from 1e-10. */
export function certainty(pValue: number): number {
  return Math.min(1, Math.log10(Math.max(pValue, SMALLEST_P)) / Math.log10(SMALLEST_P))
}

/** Strength of a tested effect: the geometric mean of its size (0 to 1) and its certainty. */
export function testedStrength(effect: number, pValue: number): number {
  return Math.sqrt(clamp01(Math.abs(effect)) * Math.max(0, certainty(pValue)))
}

export function clamp01(value: number): number {
  return Math.max(0, Math.min(1, value))
}
