import type { Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { beginKind, beginStep } from './begin-step.ts'
import { itemIndex, runStateOf, stepOf } from './find-run.ts'
import { beginMoreItems, forEachRunEnded } from './for-each.ts'
import { repeatRunEnded } from './repeat.ts'
import { bodyOfRun, COMPENSATION_RUN, FALLBACK_RUN } from './run-body.ts'
import { runIdOf, splitRunId } from './run-id.ts'
import type { RunEnd, StepEnd } from './step-end.ts'
import { compensationEnded, endTask } from './task-ending.ts'
import type { LastStep, TaskDraft } from './transitions.ts'

/** What watchers are told of the end of a step. */
type StepEvent = Pick<TaskEvent, 'attempt' | 'error'> & {
  kind: 'step-completed' | 'step-failed' | 'step-skipped'
  stepId: string
}

/** What becomes of a task when an attempt of a run ends, one way or the other. */

/** Waiting is not trying: the run fails without another attempt, which would only wait longer. */
export function expire(draft: TaskDraft, runId: string, atMs: number): void {
  const { dispatchedAtMs = atMs } = runStateOf(draft.state, runId)!
  const { agent = '' } = bodyOfRun(draft.state.plan, runId) ?? {}
  const message = `no agent "${agent}" was free for it within ${Math.round(atMs - dispatchedAtMs)} ms`
  draft.retract(runId)
  runEnded(draft, runId, { kind: 'failed', error: { code: 'QUEUE_TIMEOUT', message } })
}

export function timeOut(draft: TaskDraft, runId: string, atMs: number): void {
  const { run, dispatchedAtMs = atMs } = runStateOf(draft.state, runId)!
  const { agent = '' } = bodyOfRun(draft.state.plan, runId) ?? {}
  const [since, who] = run ? [run.sinceMs, ` (instance "${run.instance}")`] : [dispatchedAtMs, '']
  const message = `no result from agent "${agent}"${who} within ${Math.round(atMs - since)} ms`
  draft.retract(runId)
  attemptFailed(draft, runId, { code: 'STEP_TIMEOUT', message })
}

export function attemptFailed(
  draft: TaskDraft,
  runId: string,
  error: TaskError,
  options: { afterMs?: number; result?: StepResult } = {},
): void {
  const last = draft.retryOrEnd(runId, error, options)
  if (last) {
    runEnded(draft, runId, { kind: 'failed', error: last, result: options.result })
    return
  }
  // Of a list, watchers see how far it is.
  if (itemIndex(draft.state, runId) !== undefined) return
  const { attempt, error: kept } = runStateOf(draft.state, runId)!
  const { stepId, part: note } = splitRunId(runId)
  draft.announce({
    kind: 'step-retrying',
    stepId,
    attempt,
    ...(note !== undefined && { note }),
    ...(kept && { error: kept }),
  })
}

/** A run has ended for good: what that means is up to the kind of its step. */
export function runEnded(draft: TaskDraft, runId: string, end: RunEnd): void {
  const { stepId, part } = splitRunId(runId)
  if (part === COMPENSATION_RUN) {
    compensationEnded(draft, stepId, end)
    return
  }
  const step = stepOf(draft.state.plan, stepId)!
  const ending = stepEndOf(draft, step, part, end)
  if (ending) stepEnded(draft, step, ending)
}

/** A step has its output, an error, or is skipped: the task goes on, or ends. */
export function stepEnded(draft: TaskDraft, step: Step, ending: StepEnd): void {
  const at = draft.commands.length
  const event = settle(draft, step, ending)
  if (!event) return
  if (event.kind === 'step-failed' && step.onFailure !== 'continue') {
    draft.announce(event)
    endTask(draft, 'failed', { ...draft.step(step.id).error!, stepId: step.id })
    return
  }
  advance(draft)
  // The last step's completion and the task's are one event: they have the same revision.
  const { stepId, attempt } = event
  if (event.kind === 'step-completed' && finishIfSettled(draft, { stepId, attempt })) return
  draft.announce({ ...event, ...(event.kind !== 'step-skipped' && { dispatched: dispatchedIn(draft) }) }, at)
  if (event.kind !== 'step-completed') finishIfSettled(draft, {})
}

/** Begins every waiting step whose needs are settled: completed, skipped, or failed where the plan goes on without. */
export function advance(draft: TaskDraft): void {
  const { state } = draft
  // What ends at once lets others begin, some of them before it in the plan.
  for (let again = true; again; ) {
    again = false
    for (const step of state.plan.steps) {
      if (state.status !== 'running') return
      if (state.steps[step.id]!.status !== 'waiting') continue
      if (!(step.needs ?? []).every((id) => isSettled(state.steps[id]?.status))) continue
      const ending = beginStep(draft, step)
      if (!ending) continue
      again = true
      const event = settle(draft, step, ending)
      if (event) draft.announce(event)
      if (event?.kind === 'step-failed' && step.onFailure !== 'continue')
        endTask(draft, 'failed', { ...draft.step(step.id).error!, stepId: step.id })
    }
  }
}

/** A task begins, or goes on after a pause: lists have room, and steps have become ready. */
export function advanceAll(draft: TaskDraft): void {
  for (const step of draft.state.plan.steps)
    if (step.forEach && draft.step(step.id).status === 'running') beginMoreItems(draft, step)
  advance(draft)
  finishIfSettled(draft, {})
}

/** Steps of which something was put on its way; those of a list once, however many of its items were. */
export function dispatchedIn(draft: TaskDraft): string[] {
  const steps = new Set<string>()
  for (const command of draft.commands)
    if (command.kind === 'DispatchStep' || command.kind === 'StartChild')
      steps.add(splitRunId(command.stepId).stepId)
  return [...steps]
}

function stepEndOf(draft: TaskDraft, step: Step, part: string | undefined, end: RunEnd): StepEnd | undefined {
  if (part === undefined) return end.kind === 'done' ? { ...end, kind: 'completed' } : end
  if (part === FALLBACK_RUN) return fallbackEnded(draft, step, end)
  if (part === 'when') {
    draft.closeRun(runIdOf(step.id, part))
    if (end.kind === 'failed') return end
    return end.output === true ? beginKind(draft, step) : { kind: 'skipped' }
  }
  if (step.forEach) return forEachRunEnded(draft, step, part, end)
  return step.repeat ? repeatRunEnded(draft, step, part, end) : undefined
}

/** The step alone is brought to its end. @returns what watchers are told; undefined when it goes on by its fallback */
function settle(draft: TaskDraft, step: Step, ending: StepEnd): StepEvent | undefined {
  const { id } = step
  if (ending.kind === 'skipped') {
    draft.skip(id)
    return { kind: 'step-skipped', stepId: id }
  }
  const { result } = ending
  const attempt = result && { attempt: result.attempt }
  if (ending.kind === 'completed') {
    draft.complete(id, ending.output, ending.viaFallback ? viaFallback(draft, id) : {}, result)
    return { kind: 'step-completed', stepId: id, ...attempt }
  }
  if (step.fallback && !draft.step(id).fellBack) {
    beginFallback(draft, step, ending.error)
    return undefined
  }
  draft.fail(id, ending.error, result)
  return { kind: 'step-failed', stepId: id, error: draft.step(id).error! }
}

/** In place of a step that has failed; its error is what the task knows of it until it has ended. */
function beginFallback(draft: TaskDraft, step: Step, error: TaskError): void {
  draft.closeRuns(step.id)
  draft.change(step.id, { status: 'running', fellBack: true, error })
  if (step.forEach) draft.drop(step.id)
  draft.begin(runIdOf(step.id, FALLBACK_RUN))
  draft.announce({
    kind: 'step-retrying',
    stepId: step.id,
    error,
    note: `its fallback "${step.fallback!.agent}" runs`,
  })
}

function fallbackEnded(draft: TaskDraft, step: Step, end: RunEnd): StepEnd {
  if (end.kind === 'done')
    return { kind: 'completed', output: end.output, viaFallback: true, result: end.result }
  const before = draft.step(step.id).error
  const message = `its fallback failed: ${end.error.message}${before ? `; before that ${before.code}: ${before.message}` : ''}`
  return { kind: 'failed', error: { code: end.error.code, message }, result: end.result }
}

function viaFallback(draft: TaskDraft, stepId: string) {
  const { error } = draft.step(stepId)
  return { viaFallback: true, ...(error && { error }) }
}

function finishIfSettled(draft: TaskDraft, last: LastStep): boolean {
  const { steps, status } = draft.state
  if (status !== 'running') return false
  for (const id in steps) if (!isSettled(steps[id]!.status)) return false
  draft.finishCompleted(last)
  return true
}

// A failed step is only ever seen here when its plan says to go on: otherwise the task has ended with it.
function isSettled(status: string | undefined): boolean {
  return status === 'completed' || status === 'failed' || status === 'skipped'
}
