import { type RelationFindings, relationPValues } from '../findings/relation-findings.ts'
import { falseDiscoveryRates } from '../relations/relation-strength.ts'
import { associationInsights } from './association-insights.ts'
import { correlationInsights } from './correlation-insights.ts'
import { differenceInsights } from './difference-insights.ts'
import type { InsightDraft } from './insight-draft.ts'

/** The budget of errors of a whole report, as far as relations draw on it. */
export interface RelationBudget {
  /** False discovery rate of a raw p among everything that was tested. */
  rateOf(family: 'relation', pValue: number): number
}

/** What goes with what in a table; without a budget, false discovery rates hold over all pairs of its columns. */
export function relationInsights(
  { relations }: { relations: RelationFindings },
  budget: RelationBudget = tableBudget(relations),
): InsightDraft[] {
  const rateOf = (pValue: number) => budget.rateOf('relation', pValue)
  return [
    ...associationInsights(relations, rateOf),
    ...differenceInsights(relations, rateOf),
    ...correlationInsights(relations, rateOf),
  ]
}

function tableBudget(relations: RelationFindings): RelationBudget {
  const pValues = relationPValues(relations)
  const rates = falseDiscoveryRates(pValues)
  const rateByPValue = new Map(pValues.map((pValue, i) => [pValue, rates[i]!]))
  return { rateOf: (_family, pValue) => rateByPValue.get(pValue) ?? 1 }
}
