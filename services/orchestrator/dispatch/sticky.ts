import { unitHash } from '#workflow/decide/unit-hash.ts'
import { type AgentInstance, inFlightOf, loadOf, roomOf } from './agent-instance.ts'
import { leastLoadedOf, loadsOf } from './least-loaded.ts'
import type { Candidates, Choice, StepToPlace, Strategy } from './strategy.ts'

/** A favourite may be so much fuller than all are on average before the second choice is looked at. */
const BOUNDED_LOAD = 1.25

/**
 * The same key meets the same instance, whose caches are warm: rendezvous hashing, so that one that comes or goes moves only its
 * own keys. A favourite that is much fuller than the average shares with the second choice: the less loaded of the two has it.
 */
export class Sticky implements Strategy {
  choose(step: StepToPlace, { healthy: all, fit }: Candidates): Choice | undefined {
    const { stickyKey } = step
    if (stickyKey === undefined) return withoutKey(fit)
    const healthy = all.filter(({ hasOwnQueue }) => hasOwnQueue)
    const scores = new Map(healthy.map((one) => [one.id, scoreOf(stickyKey, one)]))
    const [first, second] = healthy.toSorted((a, b) => scores.get(b.id)! - scores.get(a.id)!)
    if (!first) return undefined
    const taken = healthy.reduce((sum, one) => sum + inFlightOf(one), 0) + 1
    const slots = healthy.reduce((sum, one) => sum + one.capacity, 0)
    const bound = Math.max(1, Math.ceil((first.capacity * BOUNDED_LOAD * taken) / slots))
    if (roomOf(first) > 0 && inFlightOf(first) < bound)
      return { to: 'instance', instance: first.id, because: 'the instance of its key', scores }
    const two = [first, second].filter((one) => one !== undefined && roomOf(one) > 0) as AgentInstance[]
    const best = leastLoadedOf(two)
    if (!best) return undefined
    const why = `the instance of its key, ${first.id}, has ${inFlightOf(first)} of ${first.capacity} slots taken`
    return {
      to: 'instance',
      instance: best.id,
      because: `${why}; the less loaded of two choices: ${Math.round(loadOf(best) * 100)} %`,
      scores,
    }
  }
}

function withoutKey(fit: readonly AgentInstance[]): Choice | undefined {
  const best = leastLoadedOf(fit)
  return (
    best && {
      to: 'instance',
      instance: best.id,
      because: 'it has no key: the least loaded',
      scores: loadsOf(fit),
    }
  )
}

function scoreOf(key: string, { id }: AgentInstance): number {
  return unitHash(`${key}\n${id}`)
}
