import type { Seasonality } from '#schemas/analysis.ts'
import { isSeasonal } from '../findings/season-finding.ts'
import type { TableFindings } from '../findings/table-findings.ts'
import type { ErrorBudget } from '../inference/error-budget.ts'
import { relationStrength } from '../relations/relation-strength.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { numberText, percentText } from './number-text.ts'

const CALENDAR =
  'seasonal decomposition (moving average or STL), generalised least squares with autoregressive errors'
const OTHER_CYCLES = 'periodogram against the smooth spectrum of the rest'

/** Patterns that come again. */
export function seasonalityInsights(found: TableFindings, { rateOf }: ErrorBudget): InsightDraft[] {
  return found.seasons.filter(isSeasonal).flatMap(({ seasonality }) => {
    const { column, entity, cycle, amplitude, strength, pValue, period } = seasonality
    const qValue = rateOf(pValue)
    const size = relationStrength(Math.sqrt(strength), qValue)
    if (size === 0) return []
    const subject = `${column}${entity === undefined ? '' : ` of ${entity}`} in ${tableTitle(found.table)}`
    return [
      {
        kind: 'seasonality' as const,
        statement:
          `${subject} ${patternText(seasonality)}; ` +
          `this explains ${percentText(strength)} of the variance that the trend leaves.`,
        strength: size,
        qValue,
        evidence: { period, cycle, amplitude, strength, pValue, ...(entity !== undefined && { entity }) },
        provenance: [
          columnProvenance(found.table, column, {
            method: seasonality.length ? OTHER_CYCLES : CALENDAR,
          }),
        ],
      },
    ]
  })
}

function patternText({ cycle, length, profile, amplitude, relative }: Seasonality): string {
  const apart = `${relative ? percentText(amplitude) : numberText(amplitude)} apart`
  if (length) {
    const every = length.value === 1 ? length.unit : `${numberText(length.value)} ${length.unit}s`
    return `repeats about every ${every}: highest and lowest are ${apart} on average`
  }
  const ranked = profile.toSorted((a, b) => b.effect - a.effect)
  return `follows the ${cycle}: highest in ${ranked[0]!.phase}, lowest in ${ranked.at(-1)!.phase}, ${apart}`
}
