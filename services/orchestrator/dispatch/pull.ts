import { inFlightOf, namesOf } from './agent-instance.ts'
import { leastLoadedOf, loadsOf } from './least-loaded.ts'
import type { Candidates, Choice, StepToPlace, Strategy } from './strategy.ts'

/**
 * Whoever is free takes it: least loaded by nature, and nobody has to be known. Where one that would take it must not have it
 * (its breaker is open, it is of another version), the least loaded of the others is named instead.
 */
export class Pull implements Strategy {
  choose(_: StepToPlace, { fit, barred, isNamed }: Candidates): Choice | undefined {
    if (barred.length === 0 && !isNamed)
      return { to: 'any', because: 'whichever instance is free first takes it' }
    const best = leastLoadedOf(fit)
    return (
      best && {
        to: 'instance',
        instance: best.id,
        because: `${barred.length === 0 ? '' : `${namesOf(barred.map(({ id }) => id))} must not have it; `}the least loaded of ${fit.length} that may: ${inFlightOf(best)} of ${best.capacity} slots`,
        scores: loadsOf(fit),
      }
    )
  }
}
