import type { Insight } from '#schemas/analysis.ts'
import type { InsightDraft } from './insight-draft.ts'

const MAX = 100

/** The strongest first, at most 100, each statement once; equal strengths in order of their sentences. */
export function rankInsights(drafts: readonly InsightDraft[]): Insight[] {
  const unique = new Map(drafts.map((draft) => [draft.statement, draft]))
  return [...unique.values()]
    .sort((a, b) => b.strength - a.strength || (a.statement < b.statement ? -1 : 1))
    .slice(0, MAX)
    .map((draft, i) => ({ id: `i${i + 1}`, ...draft }))
}
