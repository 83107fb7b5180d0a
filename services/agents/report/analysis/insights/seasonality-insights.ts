import type { Seasonality } from '#schemas/analysis.ts'
import { isSeasonal, type SeasonalityFinding } from '../findings/season-finding.ts'
import type { TableFindings } from '../findings/table-findings.ts'
import type { ErrorBudget } from '../inference/error-budget.ts'
import { findingStrength } from '../inference/finding-strength.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { numberText, percentText } from './number-text.ts'

const CALENDAR =
  'seasonal decomposition (moving average or STL), generalised least squares with autoregressive errors'
const OTHER_CYCLES = 'periodogram against the smooth spectrum of the rest'

/** Patterns that come again. */
export function seasonalityInsights(found: TableFindings, { rateOf }: ErrorBudget): InsightDraft[] {
  return toldSeasons(found).flatMap(({ seasonality, repeats }) => {
    const { column, entity, cycle, amplitude, strength, pValue, period } = seasonality
    const qValue = rateOf(pValue)
    const size =
      Math.min(strengthBound(repeats), findingStrength(Math.sqrt(strength), qValue)) *
      weightOf(seasonality, found)
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

/** Of many entities with the same pattern the surest. */
const MAX_ENTITIES = 2

/** A pattern that all entities of a panel have together is not told of each. */
function toldSeasons({ seasons }: TableFindings): SeasonalityFinding[] {
  const groups = Map.groupBy(seasons.filter(isSeasonal), ({ seasonality: { column, cycle } }) =>
    JSON.stringify([column, cycle]),
  )
  return [...groups.values()].flatMap((group) => {
    const together = group.find(({ seasonality }) => seasonality.entity === undefined)
    return together
      ? [together]
      : group.toSorted((a, b) => a.seasonality.pValue - b.seasonality.pValue).slice(0, MAX_ENTITIES)
  })
}

/** A cycle whose length nobody told is never strong where it comes again less often: noise with memory may turn that often by itself. */
const MIN_REPEATS = 6
/** Moderate at most. */
const FEW_REPEATS_BOUND = 0.79

function strengthBound(repeats: number | undefined): number {
  return repeats !== undefined && repeats < MIN_REPEATS ? FEW_REPEATS_BOUND : 1
}

/** Amplitude beside all that a column varies, below which a pattern is a ripple. */
const RIPPLE = 0.01
const RIPPLE_WEIGHT = 0.4

/** A pattern may be sure and still not matter: 0.1 beside a rise from 180 to 307. */
function weightOf({ column, amplitude, relative, entity }: Seasonality, { columns }: TableFindings): number {
  const numeric = columns.find((each) => each.column === column)?.numeric
  if (!numeric || relative || entity !== undefined) return 1
  return amplitude < RIPPLE * (numeric.max - numeric.min) ? RIPPLE_WEIGHT : 1
}
