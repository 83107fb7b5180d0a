import type { HiddenFactor } from '../relations/hidden-factor.ts'

/** The clause about a third column; `otherWay` says what holds within its groups, such as `B is above A`. */
export function hiddenFactorText({ factor, how, within }: HiddenFactor, otherWay: string): string {
  if (how === 'vanishes') {
    return ` Within ${factor.name} the difference is gone: it comes from how ${factor.name} goes with both.`
  }
  const agreeing = within.strata - within.opposed
  return ` Within ${factor.name} it is the other way round: ${otherWay} in ${agreeing} of ${within.strata} groups of ${factor.name}.`
}

/** What supports the clause, by name. */
export function hiddenFactorEvidence({
  factor,
  how,
  overall,
  within,
}: HiddenFactor): Record<string, number | string> {
  return {
    [how === 'reverses' ? 'reversedWithin' : 'vanishesWithin']: factor.name,
    effectOverall: overall.effect,
    effectWithin: within.effect,
    pValueWithin: within.pValue,
  }
}
