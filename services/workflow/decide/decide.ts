import type { LogEvent, StepReleased, StepStarted, TaskAccepted, TimerFired } from '#schemas/log-event.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepResult } from '#schemas/step-message.ts'
import { isTerminal, type RunState, type TaskState } from '#schemas/task.ts'
import type { Decision, LateReason } from './commands.ts'
import { applyControl } from './controls.ts'
import { endsAtMs, nextDueMs } from './due.ts'
import { actOnDue } from './due-actions.ts'
import { itemIndex, runStateOf } from './find-run.ts'
import { bodyOfRun, COMPENSATION_RUN } from './run-body.ts'
import { splitRunId } from './run-id.ts'
import { outputFault } from './state-bounds.ts'
import { advanceAll, attemptFailed, dispatchedIn, expire, runEnded } from './step-endings.ts'
import { isExpired, momentOf } from './step-timing.ts'
import { compensationTimedOut, endTask } from './task-ending.ts'
import { TaskDraft, type When } from './transitions.ts'

export { nextDueMs } from './due.ts'

/** What decisions depend on beside state and event. */
export interface DecideOptions {
  /** For tasks that don't say it: a finished one is forgotten after this, and a submission under its id starts a new one. Milliseconds. */
  keepFinishedMs: number
}

/**
 * The whole of the orchestration: what one event makes of a task. Pure: no clock, no I/O, no randomness;
 * the same events give the same state and the same commands, today and in a replay.
 *
 * A deadline does not wait for its timer: whatever is stored after it finds the task ended.
 */
export function decide(state: TaskState | undefined, event: LogEvent, options: DecideOptions): Decision {
  if (state === undefined || isTerminal(state.status) || event.atMs <= endsAtMs(state))
    return decideInTime(state, event, options)
  const ended = endOverdue(state, event)
  const then = decideInTime(ended.state, event, options)
  const dropped = [...(ended.dropped ?? []), ...(then.dropped ?? [])]
  return { ...then, commands: [...ended.commands, ...then.commands], ...(dropped.length > 0 && { dropped }) }
}

function decideInTime(state: TaskState | undefined, event: LogEvent, options: DecideOptions): Decision {
  switch (event.kind) {
    case 'accepted':
      return onAccepted(state, event.body, event, options)
    case 'started':
      return onStarted(state, event.body, event)
    case 'released':
      return onReleased(state, event.body, event)
    case 'result':
      return onResult(state, event.body, event)
    case 'control':
      return onControl(state, event.body, event)
    case 'timer':
      return onTimer(state, event.body, event)
  }
}

function onAccepted(
  state: TaskState | undefined,
  body: TaskAccepted,
  when: When,
  options: DecideOptions,
): Decision {
  const keepMs = state?.keepFinishedMs ?? options.keepFinishedMs
  const forgotten = state?.finishedAtMs !== undefined && when.atMs - state.finishedAtMs > keepMs
  if (state && !forgotten) return late(state, 'duplicate-submission')
  const draft = TaskDraft.accept(body, when)
  const at = draft.commands.length
  if (draft.state.status === 'running') advanceAll(draft)
  draft.announce({ kind: 'accepted', dispatched: dispatchedIn(draft) }, at)
  return draft.decision()
}

function onStarted(state: TaskState | undefined, body: StepStarted, when: When): Decision {
  const out = attemptOut(state, body)
  if (typeof out === 'string') return late(state, out)
  const draft = TaskDraft.withoutRevision(out.state, when)
  draft.startRun(body.stepId, body)
  return draft.decision()
}

function onReleased(state: TaskState | undefined, body: StepReleased, when: When): Decision {
  const out = attemptOut(state, body)
  if (typeof out === 'string') return late(state, out)
  const draft = TaskDraft.withoutRevision(out.state, when)
  return draft.release(body.stepId, body) ? draft.decision() : late(state, 'superseded-attempt')
}

function onResult(
  state: TaskState | undefined,
  result: StepResult,
  when: LogEvent & { kind: 'result' },
): Decision {
  const out = attemptOut(state, result, when.agent)
  if (typeof out === 'string') return late(state, out)
  const runId = result.stepId
  const draft = TaskDraft.of(out.state, when)
  const { outcome } = result
  if (outcome.kind === 'done') {
    const fault = isKeptInState(out.state, runId) && outputFault(out.state, outcome.output, when.bytes)
    if (fault) runEnded(draft, runId, { kind: 'failed', error: fault, result })
    else runEnded(draft, runId, { kind: 'done', output: outcome.output, result })
  } else if (outcome.kind === 'fail') runEnded(draft, runId, { kind: 'failed', error: outcome.error, result })
  else if (isQueueTimeout(out.current, outcome.error, when)) expire(draft, runId, when.atMs)
  else {
    const { error, afterMs } = outcome
    attemptFailed(draft, runId, error, { result, ...(afterMs !== undefined && { afterMs }) })
  }
  return draft.decision()
}

function onControl(
  state: TaskState | undefined,
  body: (LogEvent & { kind: 'control' })['body'],
  when: When,
): Decision {
  if (!state) return late(state, 'unknown-task')
  if (isTerminal(state.status)) return late(state, 'task-finished')
  const draft = TaskDraft.of(state, when)
  const reason = applyControl(draft, body)
  return reason === undefined ? draft.decision() : late(state, reason)
}

/** Acts on everything that is due at the timer's own time, not at the time it was read. */
function onTimer(state: TaskState | undefined, { dueMs }: TimerFired, when: When): Decision {
  const untilMs = momentOf(dueMs, when.atMs)
  if (!state || isTerminal(state.status)) return { state, commands: [] }
  if ((nextDueMs(state) ?? Number.POSITIVE_INFINITY) > untilMs) return { state, commands: [] }
  if (endsAtMs(state) <= untilMs) return endOverdue(state, when)
  // What follows from a timer is never earlier than the timer.
  const draft = TaskDraft.of(state, { seq: when.seq, atMs: Math.max(when.atMs, untilMs) })
  if (state.status === 'scheduled') {
    draft.start()
    const at = draft.commands.length
    advanceAll(draft)
    draft.announce({ kind: 'progress', note: 'started', dispatched: dispatchedIn(draft) }, at)
    return draft.decision()
  }
  actOnDue(draft, untilMs)
  return draft.decision()
}

function endOverdue(state: TaskState, when: When): Decision {
  const draft = TaskDraft.of(state, when)
  if (state.status === 'compensating') compensationTimedOut(draft)
  else {
    const allowedMs = state.deadlineAtMs - state.createdAtMs
    const message =
      state.status === 'paused'
        ? 'the task was paused for longer than it may be'
        : `the task did not end within ${allowedMs} ms`
    endTask(draft, 'failed', { code: 'DEADLINE_EXCEEDED', message })
  }
  return draft.decision()
}

/** The fence: only the attempt that is out counts, and only of a task that goes on. */
function attemptOut(
  state: TaskState | undefined,
  about: { stepId: string; attempt: number },
  agent?: string,
): { state: TaskState; current: RunState } | LateReason {
  if (!state) return 'unknown-task'
  if (isTerminal(state.status)) return 'task-finished'
  const body = bodyOfRun(state.plan, about.stepId)
  if (!body) return 'unknown-step'
  // The subject says which type of agent was allowed to write this: none may answer for another.
  if (agent !== undefined && agent !== body.agent) return 'foreign-agent'
  const current = runStateOf(state, about.stepId)
  if (current?.status !== 'dispatched' || current.attempt !== about.attempt) return 'superseded-attempt'
  return { state, current }
}

/** Outputs of items stand beside the state, and what a compensation gives is not kept. */
function isKeptInState(state: TaskState, runId: string): boolean {
  return splitRunId(runId).part !== COMPENSATION_RUN && itemIndex(state, runId) === undefined
}

/** An agent found that the attempt had waited too long. It may have been an earlier one that took it: then it is tried again. */
function isQueueTimeout(current: RunState, error: TaskError, { atMs }: When): boolean {
  return error.code === 'QUEUE_TIMEOUT' && current.run === undefined && isExpired(current, atMs)
}

function late(state: TaskState | undefined, reason: LateReason): Decision {
  return { state, commands: [{ kind: 'RecordLate', reason }] }
}
