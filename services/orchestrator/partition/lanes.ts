import { isForNow, MurmurError } from '#platform/errors/murmur-error.ts'
import { StreamRefusal } from '#platform/nats/publisher.ts'
import type { TaskState } from '#schemas/task.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { bodyOfRun } from '#workflow/decide/run-body.ts'
import type { Turn } from '../dispatch/dispatcher.ts'
import type { Lane, ParkedStep } from './parked-steps.ts'

/** Where steps wait that can't be handed over now. Pure. */

/** Whose work a run is. */
export function agentOf(state: TaskState, stepId: string): string | undefined {
  return bodyOfRun(state.plan, stepId)?.agent
}

/** The queue itself: it has no room. */
export function queueOf(agent: string, { priority }: TaskState): Lane {
  return { name: SUBJECTS.step(agent, priority), agent, priority }
}

/** More waits for its turn than is kept: it is found in the store again. */
export function overflowOf(turn: Turn, state: TaskState, { stepId }: ParkedStep): Lane | undefined {
  const agent = agentOf(state, stepId) ?? ''
  return turn === 'full' ? { name: `turns.${agent}`, agent } : undefined
}

/** The object store has not taken an input. */
export function objectsFor(agent: string): Lane {
  return { name: `objects.${agent}`, agent }
}

/**
 * A queue without room is waited for.
 * @throws the error itself when the connection is closed: then somebody else goes on
 */
export function laneAfterPublish(error: unknown, agent: string, state: TaskState): Lane | undefined {
  if (!(error instanceof MurmurError) || error instanceof StreamRefusal) return undefined
  if (error.code === 'OVERLOADED') return queueOf(agent, state)
  if (isForNow(error.code)) throw error
  return undefined
}
