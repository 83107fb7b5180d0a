import type { JsonValue } from '#schemas/json.ts'
import type { TaskError } from '#schemas/problem.ts'
import { isTerminal, type RunState, type TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { childIdOf } from './child-id.ts'
import { owedLetters } from './dead-letters.ts'
import { runsOf } from './find-run.ts'
import { bodyOfRun, RESERVED_AGENTS } from './run-body.ts'

/** Why an event changed nothing. */
export type LateReason =
  | 'unknown-task'
  | 'unknown-step'
  | 'task-finished'
  | 'superseded-attempt'
  /** A result of a step by an agent of another type. */
  | 'foreign-agent'
  /** A result without the token that was handed out with the attempt. */
  | 'unproven-result'
  | 'duplicate-submission'
  /** A task that compensates can't be cancelled, paused or signalled any more. */
  | 'compensating'
  /** It was paused already, or was not when it was to be resumed; it was handed on as often as it may be. */
  | 'no-change'
  /** A signal that has come before. */
  | 'duplicate-signal'
  /** More signals wait than are kept. */
  | 'signal-buffer-full'
  /** An answer to a question that nobody asks, or that does not suit it. */
  | 'not-asked'

/** What has to be done because of an event, after the new state is safe. `stepId` is the id of a run (run-id.ts). */
export type Command =
  /** Put this attempt on its agent's queue; the message is built from the state when it is sent. */
  | { kind: 'DispatchStep'; stepId: string; attempt: number }
  /** Start the child task that this attempt is. */
  | { kind: 'StartChild'; stepId: string; attempt: number }
  /** Fetch what this attempt needs from the object store, and write what it comes to into the log. */
  | { kind: 'Evaluate'; stepId: string; attempt: number }
  /** An attempt that nobody is to run any more: take it out of its queue, if it is still there. */
  | { kind: 'RetractStep'; stepId: string; attempt: number }
  /** Nobody waits for this child any more. */
  | { kind: 'CancelChild'; childId: string }
  /** The task has ended: tell the step of another task that waits for it. */
  | { kind: 'ReportToParent' }
  /** A step that took down the process that ran it: keep its message for people to inspect. */
  | { kind: 'BuryStep'; stepId: string; attempt: number }
  /** Publish an event for watchers. */
  | { kind: 'AnnounceEvent'; event: TaskEvent }
  /** Count an event that came too late or twice. */
  | { kind: 'RecordLate'; reason: LateReason }

/** What became of one item of a list. It stands beside the state, until the list is whole. */
export interface KeptItem {
  taskId: string
  stepId: string
  index: number
  outcome: { output: JsonValue } | { error: TaskError }
}

/** The outcome of one event: the state after it (undefined: there is still no such task) and the commands. */
export interface Decision {
  state: TaskState | undefined
  commands: Command[]
  /** Written together with the state. */
  kept?: KeptItem[]
  /** Steps of whose lists nothing that was kept is needed any more; forgotten before anything new is kept. */
  dropped?: string[]
}

/** What puts an attempt on its way. Pure. */
export function startCommand(state: TaskState, runId: string, attempt: number): Command {
  const agent = bodyOfRun(state.plan, runId)?.agent
  if (agent === RESERVED_AGENTS.childTask) return { kind: 'StartChild', stepId: runId, attempt }
  if (agent === RESERVED_AGENTS.evaluation) return { kind: 'Evaluate', stepId: runId, attempt }
  return { kind: 'DispatchStep', stepId: runId, attempt }
}

/** What calls an attempt back that is out. Pure. */
export function endCommands(state: TaskState, runId: string, attempt: number): Command[] {
  const agent = bodyOfRun(state.plan, runId)?.agent
  if (agent === RESERVED_AGENTS.childTask)
    return [{ kind: 'CancelChild', childId: childIdOf(state.id, runId, attempt) }]
  return agent === RESERVED_AGENTS.evaluation ? [] : [{ kind: 'RetractStep', stepId: runId, attempt }]
}

/**
 * What a task is waiting for right now, as commands: the attempts that are out, or its end. A new owner sends these
 * again when it can't know whether its predecessor did; the ids in them make that harmless. Pure.
 * @param since what is known to be out: dead letters of events up to this position of the log, or up to this time (Unix ms)
 */
export function unresolvedCommands(state: TaskState, since: { seq?: number; atMs?: number } = {}): Command[] {
  const runs = runsOf(state)
  const unwanted = runs.flatMap(([runId, run]) => unwantedChildren(state, runId, run))
  const buried = owedLetters(state, since).map(
    ({ stepId, attempt }): Command => ({ kind: 'BuryStep', stepId, attempt }),
  )
  if (!isTerminal(state.status))
    return [
      ...unwanted,
      ...buried,
      ...runs.flatMap(([runId, { status, attempt }]): Command[] =>
        status === 'dispatched' ? [startCommand(state, runId, attempt)] : [],
      ),
    ]
  const { id: taskId, type, rev, status, finishedAtMs, error } = state
  const kind = status as 'completed' | 'failed' | 'cancelled'
  return [
    ...unwanted,
    ...buried,
    ...(state.parent ? [{ kind: 'ReportToParent' } as const] : []),
    {
      kind: 'AnnounceEvent',
      event: { v: 1, kind, taskId, type, rev, atMs: finishedAtMs ?? 0, ...(error && { error }) },
    },
  ]
}

/**
 * Children that were called back, with their task or because their time was up: one that did not hear of it would go on for nothing.
 * One that has ended takes no notice.
 */
function unwantedChildren(state: TaskState, runId: string, { status, attempt }: RunState): Command[] {
  if (attempt === 0 || bodyOfRun(state.plan, runId)?.task === undefined) return []
  const isOver = status === 'cancelled' || status === 'backoff' || status === 'failed'
  const attempts = Array.from({ length: isOver ? attempt : attempt - 1 }, (_, i) => i + 1)
  return attempts.flatMap((one) => endCommands(state, runId, one))
}
