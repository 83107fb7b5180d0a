import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'

/** Why an event changed nothing. */
export type LateReason =
  | 'unknown-task'
  | 'unknown-step'
  | 'task-finished'
  | 'superseded-attempt'
  /** A result of a step by an agent of another type. */
  | 'foreign-agent'
  | 'duplicate-submission'

/** What has to be done because of an event, after the new state is safe. */
export type Command =
  /** Put this attempt on its agent's queue; the message is built from the state when it is sent. */
  | { kind: 'DispatchStep'; stepId: string; attempt: number }
  /** An attempt that nobody is to run any more: take it out of its queue, if it is still there. */
  | { kind: 'RetractStep'; stepId: string; attempt: number }
  /** A step that took down the process that ran it: keep its message for people to inspect. */
  | { kind: 'BuryStep'; stepId: string; attempt: number }
  /** Publish an event for watchers. */
  | { kind: 'AnnounceEvent'; event: TaskEvent }
  /** Count an event that came too late or twice. */
  | { kind: 'RecordLate'; reason: LateReason }

/** The outcome of one event: the state after it (undefined: there is still no such task) and the commands. */
export interface Decision {
  state: TaskState | undefined
  commands: Command[]
}

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
