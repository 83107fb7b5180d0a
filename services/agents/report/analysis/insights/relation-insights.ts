import type { RelationFindings } from '../findings/relation-findings.ts'
import { falseDiscoveryRates } from '../relations/relation-strength.ts'
import { associationInsights } from './association-insights.ts'
import { correlationInsights } from './correlation-insights.ts'
import { differenceInsights } from './difference-insights.ts'
import type { InsightDraft } from './insight-draft.ts'

/** What goes with what in a table; false discovery rates hold over all pairs of its columns. */
export function relationInsights({ relations }: { relations: RelationFindings }): InsightDraft[] {
  const { correlations, differences, associations } = relations
  const pValues = [...correlations.pValues, ...differences.pValues, ...associations.pValues]
  const rates = new Map<number, number>()
  falseDiscoveryRates(pValues).forEach((rate, i) => {
    rates.set(pValues[i]!, rate)
  })
  const rateOf = (pValue: number) => rates.get(pValue) ?? 1
  return [
    ...associationInsights(relations, rateOf),
    ...differenceInsights(relations, rateOf),
    ...correlationInsights(relations, rateOf),
  ]
}
