import type { JsonValue } from '#schemas/json.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepResult } from '#schemas/step-message.ts'
import { requirementText } from '../plan/agent-requirement.ts'
import type { LastStep, TaskDraft } from './transitions.ts'

/** What becomes of a task when an attempt of a step ends, one way or the other. */

/** Waiting is not trying: the step fails without another attempt, which would only wait longer. */
export function expire(draft: TaskDraft, step: Step, atMs: number): void {
  const { dispatchedAtMs = atMs } = draft.state.steps[step.id]!
  const about = requirementText(step)
  const message = `no agent "${step.agent}"${about === '' ? '' : ` ${about}`} was free for it within ${Math.round(atMs - dispatchedAtMs)} ms`
  draft.retract(step.id)
  stepFailed(draft, step, { code: 'QUEUE_TIMEOUT', message })
}

export function timeOut(draft: TaskDraft, step: Step, atMs: number): void {
  const { run, dispatchedAtMs = atMs } = draft.state.steps[step.id]!
  const [since, who] = run ? [run.sinceMs, ` (instance "${run.instance}")`] : [dispatchedAtMs, '']
  const message = `no result from agent "${step.agent}"${who} within ${Math.round(atMs - since)} ms`
  draft.retract(step.id)
  attemptFailed(draft, step, { code: 'STEP_TIMEOUT', message })
}

export function stepDone(draft: TaskDraft, result: StepResult, output: JsonValue): void {
  draft.complete(result, output)
  advance(draft)
  // The last step's completion and the task's are one event: they have the same revision.
  const last = { stepId: result.stepId, attempt: result.attempt }
  if (!finishIfSettled(draft, last)) {
    draft.announce({ kind: 'step-completed', ...last, dispatched: dispatchedIn(draft) })
  }
}

export function attemptFailed(
  draft: TaskDraft,
  step: Step,
  error: TaskError,
  options: { afterMs?: number; result?: StepResult } = {},
): void {
  if (!draft.retryOrFail(step, error, options)) {
    stepLost(draft, step)
    return
  }
  const { attempt, error: kept } = draft.state.steps[step.id]!
  draft.announce({ kind: 'step-retrying', stepId: step.id, attempt, ...(kept && { error: kept }) })
}

export function stepFailed(draft: TaskDraft, step: Step, error: TaskError, result?: StepResult): void {
  draft.fail(step.id, error, result && { result })
  stepLost(draft, step)
}

/** A step is lost for good: the task goes on without it or ends with it. */
function stepLost(draft: TaskDraft, step: Step): void {
  const error = draft.state.steps[step.id]!.error!
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
export function advance(draft: TaskDraft): void {
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

export function dispatchedIn(draft: TaskDraft): string[] {
  return draft.commands.flatMap((command) => (command.kind === 'DispatchStep' ? [command.stepId] : []))
}
