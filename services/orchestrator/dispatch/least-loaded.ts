import { type AgentInstance, inFlightOf, loadOf } from './agent-instance.ts'
import type { Candidates, Choice, StepToPlace, Strategy } from './strategy.ts'

/** The lowest share of slots taken; of equals the one with more slots, then the first by id. */
export class LeastLoaded implements Strategy {
  choose(_: StepToPlace, { fit }: Candidates): Choice | undefined {
    const best = leastLoadedOf(fit)
    if (!best) return undefined
    return {
      to: 'instance',
      instance: best.id,
      because: `the least loaded of ${fit.length}: ${inFlightOf(best)} of ${best.capacity} slots`,
      scores: loadsOf(fit),
    }
  }
}

/** Shares of slots taken, by instance. Pure. */
export function loadsOf(instances: readonly AgentInstance[]): Map<string, number> {
  return new Map(instances.map((one) => [one.id, loadOf(one)]))
}

/** Pure. */
export function leastLoadedOf(instances: readonly AgentInstance[]): AgentInstance | undefined {
  let best: AgentInstance | undefined
  for (const one of instances) {
    const difference = best === undefined ? -1 : loadOf(one) - loadOf(best)
    if (difference < 0 || (difference === 0 && one.capacity > best!.capacity)) best = one
  }
  return best
}
