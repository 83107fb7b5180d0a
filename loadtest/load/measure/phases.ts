import type { TaskState } from '../../../schemas/task.ts'

/** Where the time of a task went. Milliseconds; their sum is `totalMs`. */
export interface Phases {
  /** Steps on their queues, until an agent began. */
  readonly queueMs: number
  /** Agents at work. */
  readonly runMs: number
  /** Everything else: acceptance, decisions between steps, the end. */
  readonly orchestrationMs: number
  /** From acceptance to the end. */
  readonly totalMs: number
}

type Timed = Pick<TaskState, 'createdAtMs' | 'finishedAtMs' | 'steps' | 'plan'>

/**
 * The phases of a task that has ended, by its own timestamps, along its critical path: of steps side by side the one that ended last counts,
 * then the one before that it waited for. Undefined for a task that has not ended. Steps that never ran (a sleep, one that was skipped) take no
 * time of queues or agents. Clocks of agents may differ from those of orchestrators: what would come out below zero is 0. Pure.
 */
export function phasesOf({ createdAtMs, finishedAtMs, steps, plan }: Timed): Phases | undefined {
  if (finishedAtMs === undefined) return undefined
  const needs = new Map(plan.steps.map((step) => [step.id, step.needs ?? []]))
  const totalMs = Math.max(0, finishedAtMs - createdAtMs)
  let [queueMs, runMs] = [0, 0]
  let id = latest(Object.keys(steps), steps)
  while (id !== undefined) {
    const { dispatchedAtMs, startedAtMs, finishedAtMs: endedAtMs } = steps[id]!
    if (dispatchedAtMs !== undefined && startedAtMs !== undefined && endedAtMs !== undefined) {
      queueMs += Math.max(0, startedAtMs - dispatchedAtMs)
      runMs += Math.max(0, endedAtMs - startedAtMs)
    }
    const before = latest(needs.get(id) ?? [], steps)
    needs.delete(id)
    id = before !== undefined && needs.has(before) ? before : undefined
  }
  const both = queueMs + runMs
  // Clocks that differ must not make more of a task than it took.
  const shrink = both > totalMs ? totalMs / both : 1
  return {
    queueMs: queueMs * shrink,
    runMs: runMs * shrink,
    orchestrationMs: Math.max(0, totalMs - both * shrink),
    totalMs,
  }
}

/** Of some steps the one that ended last. */
function latest(ids: readonly string[], steps: Timed['steps']): string | undefined {
  let found: string | undefined
  for (const id of ids) {
    const endMs = steps[id]?.finishedAtMs
    if (endMs !== undefined && endMs >= (steps[found ?? '']?.finishedAtMs ?? 0)) found = id
  }
  return found
}
