import type { TaskError } from '#schemas/problem.ts'
import type { RunState } from '#schemas/task.ts'
import { stepOf } from './find-run.ts'
import { COMPENSATION_RUN } from './run-body.ts'
import { runIdOf } from './run-id.ts'
import type { RunEnd } from './step-end.ts'
import type { TaskDraft } from './transitions.ts'

/*
 * A task that fails or is cancelled:
 *
 *   completed steps with `compensate`? ── no ──► failed | cancelled
 *              │ yes                                 ▲
 *              ▼                                     │ all are over, or their time is
 *        compensating: the one that completed last first, one after the other
 */

/** How long all compensations together may take where the plan does not say. Milliseconds. */
const DEFAULT_BUDGET_MS = 15 * 60_000
const MAX_MESSAGE_CHARACTERS = 4000

/** The task fails or is cancelled; at once, or when what its steps have done is undone. */
export function endTask(draft: TaskDraft, status: 'failed' | 'cancelled', error: TaskError): void {
  const first = nextToCompensate(draft)
  if (first === undefined) {
    draft.finish(status, error)
    return
  }
  draft.compensate(status, error, draft.state.plan.compensationTimeoutMs ?? DEFAULT_BUDGET_MS)
  draft.announce({ kind: 'compensating', error })
  beginCompensation(draft, first)
}

/** A compensation has ended: the next one, or the end. */
export function compensationEnded(draft: TaskDraft, stepId: string, end: RunEnd): void {
  draft.closeRun(runIdOf(stepId, COMPENSATION_RUN))
  if (end.kind === 'done') draft.change(stepId, { compensated: 'completed' })
  else draft.change(stepId, { compensated: 'failed', compensationError: end.error })
  const next = nextToCompensate(draft)
  if (next !== undefined) beginCompensation(draft, next)
  else finishCompensated(draft)
}

/** The time for compensations is over: what was not undone is named. */
export function compensationTimedOut(draft: TaskDraft): void {
  const compensationError = { code: 'DEADLINE_EXCEEDED', message: 'the time for all compensations was over' }
  for (const { id, compensate } of draft.state.plan.steps) {
    const { completedSeq, compensated } = draft.step(id)
    if (compensate && completedSeq !== undefined && compensated === undefined)
      draft.change(id, { compensated: 'failed', compensationError })
  }
  finishCompensated(draft)
}

function beginCompensation(draft: TaskDraft, stepId: string): void {
  draft.begin(runIdOf(stepId, COMPENSATION_RUN))
}

function finishCompensated(draft: TaskDraft): void {
  const { status, error } = draft.state.endsAs!
  const left = Object.entries(draft.state.steps).flatMap(([id, { completedSeq, compensated }]) =>
    completedSeq !== undefined && compensated !== 'completed' ? [id] : [],
  )
  const message =
    left.length === 0 ? error.message : `${error.message} (not undone: ${left.slice(0, 10).join(', ')})`
  draft.finish(status, { ...error, message: message.slice(0, MAX_MESSAGE_CHARACTERS).toWellFormed() })
}

/** Of what has not been undone, the step that completed last; of the same event, the later one in the plan. */
function nextToCompensate({ state: { plan, steps } }: TaskDraft): string | undefined {
  let last: { id: string; seq: number } | undefined
  for (const { id } of plan.steps) {
    const { completedSeq, compensated, runs } = steps[id]!
    if (completedSeq === undefined || compensated !== undefined || isOpen(runs?.[COMPENSATION_RUN])) continue
    if (!last || completedSeq >= last.seq) last = { id, seq: completedSeq }
  }
  return last && stepOf(plan, last.id)?.compensate ? last.id : undefined
}

function isOpen(run: RunState | undefined): boolean {
  return run !== undefined
}
