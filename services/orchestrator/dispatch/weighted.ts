import type { Candidates, Choice, StepToPlace, Strategy } from './strategy.ts'

/**
 * Smooth weighted round robin (that of nginx) by declared capacity: who has twice the slots gets twice the steps, spread evenly and
 * not in bursts. An instance that was away begins with no claim.
 */
export class Weighted implements Strategy {
  #claims = new Map<string, number>()

  choose(_: StepToPlace, { fit, healthy }: Candidates): Choice | undefined {
    if (fit.length === 0) return undefined
    const claims = new Map<string, number>()
    for (const { id } of healthy) claims.set(id, this.#claims.get(id) ?? 0)
    let total = 0
    let best = fit[0]!
    for (const one of fit) {
      total += one.capacity
      claims.set(one.id, claims.get(one.id)! + one.capacity)
      if (claims.get(one.id)! > claims.get(best.id)!) best = one
    }
    const scores = new Map(fit.map(({ id }) => [id, claims.get(id)!]))
    claims.set(best.id, claims.get(best.id)! - total)
    this.#claims = claims
    return {
      to: 'instance',
      instance: best.id,
      because: `its turn by weight: ${best.capacity} of ${total} slots of ${fit.length} instances`,
      scores,
    }
  }
}
