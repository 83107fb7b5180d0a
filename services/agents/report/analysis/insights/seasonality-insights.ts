import { isSeasonal } from '../findings/seasonality-findings.ts'
import type { TableFindings } from '../findings/table-findings.ts'
import type { ErrorBudget } from '../inference/error-budget.ts'
import { findingStrength } from '../inference/finding-strength.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { numberText, percentText } from './number-text.ts'

/** Patterns that come again with the calendar. */
export function seasonalityInsights(found: TableFindings, { rateOf }: ErrorBudget): InsightDraft[] {
  return found.seasons.filter(isSeasonal).flatMap(({ seasonality }) => {
    const { column, entity, cycle, profile, amplitude, strength, pValue, period } = seasonality
    const qValue = rateOf(pValue)
    const size = findingStrength(Math.sqrt(strength), qValue)
    if (size === 0) return []
    const ranked = profile.toSorted((a, b) => b.effect - a.effect)
    const [high, low] = [ranked[0]!, ranked.at(-1)!]
    const subject = `${column}${entity === undefined ? '' : ` of ${entity}`} in ${tableTitle(found.table)}`
    return [
      {
        kind: 'seasonality' as const,
        statement:
          `${subject} follows the ${cycle}: highest in ${high.phase}, lowest in ${low.phase}, ${numberText(amplitude)} apart; ` +
          `this explains ${percentText(strength)} of the variance that the trend leaves.`,
        strength: size,
        qValue,
        evidence: { period, amplitude, strength, pValue, ...(entity !== undefined && { entity }) },
        provenance: [
          columnProvenance(found.table, column, {
            method: 'classical decomposition, generalised least squares with autoregressive errors',
          }),
        ],
      },
    ]
  })
}
