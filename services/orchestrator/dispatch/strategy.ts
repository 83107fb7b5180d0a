import type { PlacementExplanation } from '#schemas/placement.ts'
import {
  type AgentInstance,
  isAlive,
  type Requirements,
  roomOf,
  takesWork,
  whyNot,
} from './agent-instance.ts'

/** A step that an instance is looked for. */
export interface StepToPlace {
  /** Names it: task, step, attempt. */
  key: string
  tenant: string
  priority: number
  /** What `sticky` goes by: steps with the same one meet the same instance. */
  stickyKey?: string | undefined
  requirements?: Requirements | undefined
}

/** Where a step goes, and why, in words. `any`: whichever instance is free first takes it. */
export type Choice =
  | { to: 'any'; because: string }
  | {
      to: 'instance'
      instance: string
      because: string
      /** What was compared, by instance, where the strategy compares. */
      scores?: ReadonlyMap<string, number>
      /** Between whom it was chosen, as it was then. */
      explanation?: PlacementExplanation
    }

/** Chooses who of an agent type gets a step. */
export interface Strategy {
  /** @returns undefined: nobody can take it just now, so it waits */
  choose(step: StepToPlace, candidates: Candidates): Choice | undefined
}

export interface Candidates {
  /** Every instance that is known. */
  all: readonly AgentInstance[]
  /** Those that are healthy and meet what the step requires. */
  healthy: readonly AgentInstance[]
  /** The healthy ones that have room, and can be named. */
  fit: readonly AgentInstance[]
  /** Those that take work from the queue of all and must not have this step. */
  barred: readonly AgentInstance[]
  /** The step asks for instances of a kind: on the queue of all others might take it, now or once they have come. */
  isNamed: boolean
}

/** The same filter for every strategy. In the order of ids, so that the order of heartbeats decides nothing. Pure. */
export function candidatesFor(
  { requirements }: Pick<StepToPlace, 'requirements'>,
  instances: readonly AgentInstance[],
  nowMs: number,
): Candidates {
  const all = instances.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const healthy = all.filter((one) => whyNot(one, nowMs, requirements) === undefined)
  const barred = all.filter((one) => takesWork(one, nowMs) && (one.onTrial || !healthy.includes(one)))
  const fit = healthy.filter((one) => one.hasOwnQueue && roomOf(one) > 0)
  return { all, healthy, fit, barred, isNamed: requirements !== undefined }
}

/**
 * What every strategy does while no instance can be named: whoever is free takes it, unless all that live are broken or drained.
 * Undefined: a strategy is to choose. Pure.
 */
export function withoutNames(
  { all, healthy, fit, isNamed }: Candidates,
  nowMs: number,
): Choice | 'nobody' | undefined {
  if (isNamed) return fit.length === 0 ? 'nobody' : undefined
  const alive = all.filter((one) => takesWork(one, nowMs))
  if (alive.some(({ hasOwnQueue }) => hasOwnQueue)) return undefined
  if (alive.length > 0 && healthy.length === 0) return 'nobody'
  // On the queue of all nobody would take it, and it would stand there before what is more urgent.
  if (drainedAlone(all, nowMs).length > 0) return 'nobody'
  return { to: 'any', because: 'no instance has a queue of its own: whichever is free first takes it' }
}

/** Instances that live, when an operator drains every one of them; none otherwise. Pure. */
export function drainedAlone(instances: readonly AgentInstance[], nowMs: number): string[] {
  const alive = instances.filter((one) => isAlive(one, nowMs) && one.status !== 'stopped')
  return alive.every(({ isDrained }) => isDrained) ? alive.map(({ id }) => id).sort() : []
}

/** Why nobody gets a step, for people. Pure. */
export function explainNobody(
  { requirements }: Pick<StepToPlace, 'requirements'>,
  instances: readonly AgentInstance[],
  nowMs: number,
): string {
  if (instances.length === 0) return 'no instance is known'
  const reasons = instances.map(
    (one) => `${one.id}: ${whyNot(one, nowMs, requirements) ?? 'its slots are taken'}`,
  )
  const more = reasons.length > MAX_SHOWN ? `; and ${reasons.length - MAX_SHOWN} more` : ''
  return reasons.slice(0, MAX_SHOWN).join('; ') + more
}

const MAX_SHOWN = 8
