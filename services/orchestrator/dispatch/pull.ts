import { ANY_VERSION } from '#workflow/plan/version-range.ts'
import { inFlightOf } from './agent-instance.ts'
import { leastLoadedOf } from './least-loaded.ts'
import type { Candidates, Choice, StepToPlace, Strategy } from './strategy.ts'

/**
 * Whoever is free takes it: least loaded by nature, and nobody has to be known. Where one that would take it must not have it
 * (its breaker is open, it is of another version), the least loaded of the others is named instead.
 */
export class Pull implements Strategy {
  choose({ requirements }: StepToPlace, { healthy, fit, barred }: Candidates): Choice | undefined {
    const asksNothing =
      (requirements?.range ?? ANY_VERSION).text === ANY_VERSION.text &&
      (requirements?.needs?.length ?? 0) === 0
    if (barred.length === 0 && (asksNothing || healthy.length > 0))
      return { to: 'any', because: 'whichever instance is free first takes it' }
    const best = leastLoadedOf(fit)
    return (
      best && {
        to: 'instance',
        instance: best.id,
        because: `${barred.map(({ id }) => id).join(', ')} must not have it; of the others the least loaded: ${inFlightOf(best)} of ${best.capacity} slots`,
      }
    )
  }
}
