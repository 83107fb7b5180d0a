import type { LogEvent, TaskAccepted, TaskControl, TimerFired } from '#schemas/log-event.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepResult } from '#schemas/step-message.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { Decision, LateReason } from './decision.ts'
import { type LastStep, TaskDraft, type When } from './transitions.ts'

/** What decisions depend on beside state and event. */
export interface DecideOptions {
  /** For tasks that don't say it: a finished one is forgotten after this, and a submission under its id starts a new one. Milliseconds. */
  keepFinishedMs: number
}

/**
 * The whole of the orchestration: what one event makes of a task. Pure: no clock, no I/O, no randomness;
 * the same events give the same state and the same commands, today and in a replay.
 */
export function decide(state: TaskState | undefined, event: LogEvent, options: DecideOptions): Decision {
  switch (event.kind) {
    case 'accepted':
      return onAccepted(state, event.body, event, options)
    case 'started':
    case 'released':
      return { state, commands: [] }
    case 'result':
      return onResult(state, event.body, event, event.agent)
    case 'control':
      return onControl(state, event.body, event)
    case 'timer':
      return onTimer(state, event.body, event)
  }
}

/** When the task next needs a timer: its deadline, delayed start, a timeout or a retry. Unix ms; undefined once it is finished. */
export function nextDueMs(state: TaskState): number | undefined {
  if (isTerminal(state.status)) return undefined
  if (state.status === 'scheduled') return Math.min(state.startAtMs, state.deadlineAtMs)
  let due = state.deadlineAtMs
  for (const id in state.steps) {
    const step = state.steps[id]!
    if (step.status === 'dispatched' && step.timeoutAtMs !== undefined && step.timeoutAtMs < due)
      due = step.timeoutAtMs
    else if (step.status === 'backoff' && step.retryAtMs !== undefined && step.retryAtMs < due)
      due = step.retryAtMs
  }
  return due
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

function onResult(
  state: TaskState | undefined,
  result: StepResult,
  when: When,
  agent: string | undefined,
): Decision {
  if (!state) return late(state, 'unknown-task')
  if (isTerminal(state.status)) return late(state, 'task-finished')
  const step = stepOf(state, result.stepId)
  const current = step && state.steps[step.id]
  if (!step || !current) return late(state, 'unknown-step')
  // The subject says which type of agent was allowed to write this: none may answer for another.
  if (agent !== undefined && agent !== step.agent) return late(state, 'foreign-agent')
  // The fence: only the attempt that is out counts.
  if (current.status !== 'dispatched' || current.attempt !== result.attempt)
    return late(state, 'superseded-attempt')

  const draft = TaskDraft.of(state, when)
  const { outcome } = result
  if (outcome.kind === 'done') {
    draft.complete(result, outcome.output)
    advance(draft)
    // The last step's completion and the task's are one event: they have the same revision.
    const last = { stepId: step.id, attempt: result.attempt }
    if (!finishIfSettled(draft, last)) {
      draft.announce({ kind: 'step-completed', ...last, dispatched: dispatchedIn(draft) })
    }
  } else if (outcome.kind === 'retry') {
    const { error, afterMs } = outcome
    attemptFailed(draft, step, error, { result, ...(afterMs !== undefined && { afterMs }) })
  } else {
    draft.fail(step.id, outcome.error, result)
    stepFailed(draft, step, outcome.error)
  }
  return decided(draft)
}

function onControl(state: TaskState | undefined, body: TaskControl, when: When): Decision {
  if (!state) return late(state, 'unknown-task')
  if (isTerminal(state.status)) return late(state, 'task-finished')
  const draft = TaskDraft.of(state, when)
  draft.finishCancelled(body.reason)
  return decided(draft)
}

/** Acts on everything that is due at the timer's own time, not at the time it was read. */
function onTimer(state: TaskState | undefined, { dueMs }: TimerFired, when: When): Decision {
  if (!state || isTerminal(state.status)) return { state, commands: [] }
  if ((nextDueMs(state) ?? Number.POSITIVE_INFINITY) > dueMs) return { state, commands: [] }
  const draft = TaskDraft.of(state, when)
  if (state.deadlineAtMs <= dueMs) {
    const allowedMs = state.deadlineAtMs - state.createdAtMs
    draft.finishFailed({ code: 'DEADLINE_EXCEEDED', message: `the task did not end within ${allowedMs} ms` })
    return decided(draft)
  }
  if (state.status === 'scheduled') {
    draft.start()
    advance(draft)
    draft.announce({ kind: 'progress', note: 'started', dispatched: dispatchedIn(draft) })
    return decided(draft)
  }
  for (const step of state.plan.steps) {
    if (isTerminal(draft.state.status)) break
    const current = state.steps[step.id]!
    if (current.status === 'dispatched' && (current.timeoutAtMs ?? Number.POSITIVE_INFINITY) <= dueMs) {
      const waitedMs = dueMs - (current.dispatchedAtMs ?? dueMs)
      attemptFailed(draft, step, {
        code: 'STEP_TIMEOUT',
        message: `no result from agent "${step.agent}" within ${waitedMs} ms`,
      })
    } else if (current.status === 'backoff' && (current.retryAtMs ?? Number.POSITIVE_INFINITY) <= dueMs) {
      draft.dispatch(step)
    }
  }
  return decided(draft)
}

function attemptFailed(
  draft: TaskDraft,
  step: Step,
  error: TaskError,
  options: { afterMs?: number; result?: StepResult } = {},
): void {
  if (draft.retryOrFail(step, error, options)) {
    draft.announce({
      kind: 'step-retrying',
      stepId: step.id,
      attempt: draft.state.steps[step.id]!.attempt,
      error,
    })
  } else {
    stepFailed(draft, step, draft.state.steps[step.id]!.error ?? error)
  }
}

/** A step is lost for good: the task goes on without it or ends with it. */
function stepFailed(draft: TaskDraft, step: Step, error: TaskError): void {
  const goesOn = step.onFailure === 'continue'
  if (goesOn) advance(draft)
  draft.announce({
    kind: 'step-failed',
    stepId: step.id,
    error,
    ...(goesOn && { dispatched: dispatchedIn(draft) }),
  })
  if (goesOn) finishIfSettled(draft, {})
  else draft.finishFailed({ ...error, stepId: step.id })
}

/** Dispatches every waiting step whose needs are settled: completed, or failed where the plan goes on without. */
function advance(draft: TaskDraft): void {
  const { steps, plan } = draft.state
  for (const step of plan.steps) {
    if (steps[step.id]!.status !== 'waiting') continue
    if ((step.needs ?? []).every((id) => isSettled(steps[id]?.status))) draft.dispatch(step)
  }
}

function finishIfSettled(draft: TaskDraft, last: LastStep): boolean {
  const { steps } = draft.state
  for (const id in steps) if (!isSettled(steps[id]!.status)) return false
  draft.finishCompleted(last)
  return true
}

// A failed step is only ever seen here when its plan says to go on: otherwise the task has ended with it.
function isSettled(status: string | undefined): boolean {
  return status === 'completed' || status === 'failed'
}

function stepOf(state: TaskState, stepId: string): Step | undefined {
  return state.plan.steps.find((step) => step.id === stepId)
}

function dispatchedIn(draft: TaskDraft): string[] {
  return draft.commands.flatMap((command) => (command.kind === 'DispatchStep' ? [command.stepId] : []))
}

function decided(draft: TaskDraft): Decision {
  return { state: draft.state, commands: draft.commands }
}

function late(state: TaskState | undefined, reason: LateReason): Decision {
  return { state, commands: [{ kind: 'RecordLate', reason }] }
}
