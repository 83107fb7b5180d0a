import { MAX_PLACEMENT_INSTANCES, type Placement, type PlacementExplanation } from '#schemas/placement.ts'
import { type AgentInstance, inFlightOf, roomOf, whyNot } from './agent-instance.ts'
import type { Candidates, Choice, StepToPlace } from './strategy.ts'

/**
 * Between whom an instance was chosen, and who was left out and why. Before the step counts as sent: what stands in it is what was
 * compared. Pure.
 */
export function explainChoice(
  choice: Extract<Choice, { to: 'instance' }>,
  { all, fit }: Candidates,
  { requirements }: Pick<StepToPlace, 'requirements'>,
  nowMs: number,
): PlacementExplanation {
  const chosen = all.find(({ id }) => id === choice.instance)
  const others = fit.filter((one) => one !== chosen)
  const considered = chosen ? [chosen, ...others] : others
  const fitting = new Set(considered)
  const left = all.filter((one) => !fitting.has(one))
  return {
    candidates: considered.slice(0, MAX_PLACEMENT_INSTANCES).map((one) => {
      const score = choice.scores?.get(one.id)
      return {
        instance: one.id,
        version: one.version,
        inFlight: inFlightOf(one),
        capacity: one.capacity,
        ...(score !== undefined && { score: Math.round(score * 1000) / 1000 }),
      }
    }),
    ...more('moreCandidates', considered),
    leftOut: left.slice(0, MAX_PLACEMENT_INSTANCES).map((one) => ({
      instance: one.id,
      because: whyNot(one, nowMs, requirements) ?? whyNotNamed(one),
    })),
    ...more('moreLeftOut', left),
  }
}

const NOTHING: PlacementExplanation = { candidates: [], leftOut: [] }

/** A choice as it is kept; undefined: nobody was chosen. Pure. */
export function placementFor(
  choice: Choice,
  { strategy, attempt, atMs }: Pick<Placement, 'strategy' | 'attempt' | 'atMs'>,
): Placement | undefined {
  if (choice.to === 'any') return undefined
  const { instance, because, explanation } = choice
  return {
    attempt,
    strategy,
    instance,
    because,
    ...(atMs !== undefined && { atMs }),
    ...NOTHING,
    ...explanation,
  }
}

/** It is healthy and meets what is asked. */
function whyNotNamed(one: AgentInstance): string {
  if (!one.hasOwnQueue) return 'it has no queue of its own'
  return roomOf(one) > 0 ? 'it is not the turn of its version' : 'its slots are taken'
}

function more(
  name: 'moreCandidates' | 'moreLeftOut',
  { length }: readonly unknown[],
): Partial<PlacementExplanation> {
  return length > MAX_PLACEMENT_INSTANCES ? { [name]: length - MAX_PLACEMENT_INSTANCES } : {}
}
