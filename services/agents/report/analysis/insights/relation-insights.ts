import { type RelationFindings, testedRelations } from '../findings/relation-findings.ts'
import { type ErrorBudget, errorBudget } from '../inference/error-budget.ts'
import { associationInsights } from './association-insights.ts'
import { correlationInsights } from './correlation-insights.ts'
import { differenceInsights } from './difference-insights.ts'
import type { InsightDraft } from './insight-draft.ts'

/**
 * What goes with what in a table.
 *
 * @param budget of the whole report; without one, of this table's pairs
 */
export function relationInsights(
  { relations }: { relations: RelationFindings },
  budget: ErrorBudget = errorBudget([testedRelations(relations)]),
): InsightDraft[] {
  const { rateOf } = budget
  return [
    ...associationInsights(relations, rateOf),
    ...differenceInsights(relations, rateOf),
    ...correlationInsights(relations, rateOf),
  ]
}
