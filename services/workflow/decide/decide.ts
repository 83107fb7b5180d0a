import type {
  LogEvent,
  StepReleased,
  StepStarted,
  TaskAccepted,
  TaskControl,
  TimerFired,
} from '#schemas/log-event.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepResult } from '#schemas/step-message.ts'
import { isTerminal, type StepState, type TaskState } from '#schemas/task.ts'
import type { Decision, LateReason } from './commands.ts'
import { outputFault } from './state-bounds.ts'
import {
  advance,
  attemptFailed,
  dispatchedIn,
  expire,
  stepDone,
  stepFailed,
  timeOut,
} from './step-endings.ts'
import { dueOf, isExpired, momentOf } from './step-timing.ts'
import { TaskDraft, type When } from './transitions.ts'

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
  if (state === undefined || isTerminal(state.status) || event.atMs <= state.deadlineAtMs)
    return decideInTime(state, event, options)
  const ended = endOverdue(state, event)
  const then = decideInTime(ended.state, event, options)
  return { state: then.state, commands: [...ended.commands, ...then.commands] }
}

/** When the task next needs a timer: its deadline, delayed start, a time that is up or a retry. Unix ms; undefined once it is finished. */
export function nextDueMs(state: TaskState): number | undefined {
  if (isTerminal(state.status)) return undefined
  const { deadlineAtMs } = state
  if (state.status === 'scheduled') return Math.min(state.startAtMs, deadlineAtMs)
  let next = deadlineAtMs
  for (const id in state.steps) {
    const due = dueOf(state.steps[id]!, deadlineAtMs)
    if (due !== undefined && due.atMs < next) next = due.atMs
  }
  return next
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
  if (draft.state.status === 'running') advance(draft)
  draft.announce({ kind: 'accepted', dispatched: dispatchedIn(draft) })
  return decided(draft)
}

function onStarted(state: TaskState | undefined, body: StepStarted, when: When): Decision {
  const out = attemptOut(state, body)
  if (typeof out === 'string') return late(state, out)
  const draft = TaskDraft.withoutRevision(out.state, when)
  draft.startRun(out.step, body)
  return decided(draft)
}

function onReleased(state: TaskState | undefined, body: StepReleased, when: When): Decision {
  const out = attemptOut(state, body)
  if (typeof out === 'string') return late(state, out)
  const draft = TaskDraft.withoutRevision(out.state, when)
  return draft.release(out.step, body) ? decided(draft) : late(state, 'superseded-attempt')
}

function onResult(
  state: TaskState | undefined,
  result: StepResult,
  when: LogEvent & { kind: 'result' },
): Decision {
  const out = attemptOut(state, result, when.agent)
  if (typeof out === 'string') return late(state, out)
  const { step } = out
  const draft = TaskDraft.of(out.state, when)
  const { outcome } = result
  if (outcome.kind === 'done') {
    const fault = outputFault(out.state, outcome.output, when.bytes)
    if (fault) stepFailed(draft, step, fault, result)
    else stepDone(draft, result, outcome.output)
  } else if (outcome.kind === 'fail') stepFailed(draft, step, outcome.error, result)
  else if (isQueueTimeout(out.current, outcome.error, when)) expire(draft, step, when.atMs)
  else {
    const { error, afterMs } = outcome
    attemptFailed(draft, step, error, { result, ...(afterMs !== undefined && { afterMs }) })
  }
  return decided(draft)
}

function onControl(state: TaskState | undefined, body: TaskControl, when: When): Decision {
  if (!state) return late(state, 'unknown-task')
  if (isTerminal(state.status)) return late(state, 'task-finished')
  const draft = TaskDraft.of(state, when)
  if (body.action === 'cancel') draft.finishCancelled(body.reason)
  return decided(draft)
}

/** Acts on everything that is due at the timer's own time, not at the time it was read. */
function onTimer(state: TaskState | undefined, { dueMs }: TimerFired, when: When): Decision {
  const untilMs = momentOf(dueMs, when.atMs)
  if (!state || isTerminal(state.status)) return { state, commands: [] }
  if ((nextDueMs(state) ?? Number.POSITIVE_INFINITY) > untilMs) return { state, commands: [] }
  if (state.deadlineAtMs <= untilMs) return endOverdue(state, when)
  // What follows from a timer is never earlier than the timer.
  const draft = TaskDraft.of(state, { seq: when.seq, atMs: Math.max(when.atMs, untilMs) })
  if (state.status === 'scheduled') {
    draft.start()
    advance(draft)
    draft.announce({ kind: 'progress', note: 'started', dispatched: dispatchedIn(draft) })
    return decided(draft)
  }
  for (const step of state.plan.steps) {
    if (isTerminal(draft.state.status)) break
    const current = state.steps[step.id]!
    const due = dueOf(current, state.deadlineAtMs)
    if (due === undefined || due.atMs > untilMs) continue
    if (due.what === 'retry') draft.dispatch(step)
    else if (due.what === 'queue-time') expire(draft, step, current.expiresAtMs!)
    else timeOut(draft, step, untilMs)
  }
  return decided(draft)
}

function endOverdue(state: TaskState, when: When): Decision {
  const draft = TaskDraft.of(state, when)
  const allowedMs = state.deadlineAtMs - state.createdAtMs
  draft.finishFailed({ code: 'DEADLINE_EXCEEDED', message: `the task did not end within ${allowedMs} ms` })
  return decided(draft)
}

/** The fence: only the attempt that is out counts, and only of a task that goes on. */
function attemptOut(
  state: TaskState | undefined,
  about: { stepId: string; attempt: number },
  agent?: string,
): { state: TaskState; step: Step; current: StepState } | LateReason {
  if (!state) return 'unknown-task'
  if (isTerminal(state.status)) return 'task-finished'
  const step = stepOf(state, about.stepId)
  const current = step && state.steps[step.id]
  if (!step || !current) return 'unknown-step'
  // The subject says which type of agent was allowed to write this: none may answer for another.
  if (agent !== undefined && agent !== step.agent) return 'foreign-agent'
  if (current.status !== 'dispatched' || current.attempt !== about.attempt) return 'superseded-attempt'
  return { state, step, current }
}

/** An agent found that the attempt had waited too long. It may have been an earlier one that took it: then it is tried again. */
function isQueueTimeout(current: StepState, error: TaskError, { atMs }: When): boolean {
  return error.code === 'QUEUE_TIMEOUT' && current.run === undefined && isExpired(current, atMs)
}

function stepOf(state: TaskState, stepId: string): Step | undefined {
  return state.plan.steps.find((step) => step.id === stepId)
}

function decided(draft: TaskDraft): Decision {
  return { state: draft.state, commands: draft.commands }
}

function late(state: TaskState | undefined, reason: LateReason): Decision {
  return { state, commands: [{ kind: 'RecordLate', reason }] }
}
