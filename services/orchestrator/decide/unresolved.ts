import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { Command } from './decision.ts'

/**
 * What a task is waiting for right now, as commands: the attempts that are out, or its end. A new owner sends these
 * again when it can't know whether its predecessor did; the ids in them make that harmless. Pure.
 */
export function unresolvedCommands(state: TaskState): Command[] {
  if (isTerminal(state.status)) {
    const { id: taskId, type, rev, status, finishedAtMs, error } = state
    const kind = status as 'completed' | 'failed' | 'cancelled'
    const buried = Object.entries(state.steps).flatMap(([stepId, step]): Command[] =>
      step.status === 'failed' && step.error?.code === 'POISON_MESSAGE'
        ? [{ kind: 'BuryStep', stepId, attempt: step.attempt }]
        : [],
    )
    return [
      ...buried,
      {
        kind: 'AnnounceEvent',
        event: { v: 1, kind, taskId, type, rev, atMs: finishedAtMs ?? 0, ...(error && { error }) },
      },
    ]
  }
  return Object.entries(state.steps).flatMap(([stepId, step]): Command[] =>
    step.status === 'dispatched' ? [{ kind: 'DispatchStep', stepId, attempt: step.attempt }] : [],
  )
}
