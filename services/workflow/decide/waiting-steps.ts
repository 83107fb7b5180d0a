import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Approval, HandOn } from '#schemas/approval.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepState, TaskState } from '#schemas/task.ts'
import type { ApprovalAnswer } from './approval-answer.ts'
import { planMoment } from './plan-moment.ts'
import { resolveTemplate } from './references.ts'
import { type Signal, takeBuffered } from './signals.ts'
import { outputFault } from './state-bounds.ts'
import type { StepEnd } from './step-end.ts'
import type { TaskDraft } from './transitions.ts'

/*
 * Steps that do nothing but wait:
 *
 *   waiting ──► sleeping ─────────── its time has come ─────────────────► completed
 *   waiting ──► awaiting-signal ──── a signal ──────────────────────────► completed
 *      │               └──────────── its time is up ────────────────────► failed SIGNAL_TIMEOUT | completed (onTimeout continue)
 *      └─ a signal is there already ────────────────────────────────────► completed
 *   waiting ──► awaiting-approval ── approved ──────────────────────────► completed
 *               │    ▲    └───────── rejected ──────────────────────────► failed APPROVAL_REJECTED
 *               └────┘ escalation, handed on; its time is up: as `onTimeout` says ─► failed APPROVAL_TIMEOUT | as approved | as rejected
 *
 * The log decides what came first: what is stored before the timer counts, whatever the clock said. While the task is paused, no
 * time is up.
 */

/** A step begins to wait. What need not wait ends at once. */
export function beginWaiting(draft: TaskDraft, step: Step): StepEnd | undefined {
  if (step.sleep) return beginSleep(draft, step)
  if (step.waitFor) return beginWaitFor(draft, step)
  return beginApproval(draft, step, step.approval!)
}

/** The time of a step that waits has come, or that of its next escalation. */
export function wake(draft: TaskDraft, step: Step, untilMs: number): StepEnd | undefined {
  if (step.sleep) return { kind: 'completed', output: { atMs: draft.atMs } }
  if (step.waitFor) {
    const { signal, timeoutMs, onTimeout } = step.waitFor
    if (onTimeout === 'continue') return { kind: 'completed', output: null }
    return failed('SIGNAL_TIMEOUT', `no signal "${signal}" came within ${timeoutMs} ms`)
  }
  return wakeApproval(draft, step, untilMs)
}

/** A signal is delivered to the step that waits for it. */
export function signalled({ id, payload = null, atMs }: Signal & { atMs: number }): StepEnd {
  return { kind: 'completed', output: { id, payload, atMs } }
}

/** Somebody has decided; the answer suits the approval. */
export function answered(draft: TaskDraft, step: Step, answer: ApprovalAnswer): StepEnd {
  const { decision, by, values, comment } = answer
  if (decision === 'rejected') return { kind: 'failed', error: rejection(answer) }
  const subject = answer.subject === undefined ? subjectOf(draft.state, step) : answer.subject
  const output = {
    decision,
    by,
    atMs: draft.atMs,
    ...(values && { values }),
    ...(subject !== undefined && { subject }),
    ...(comment !== undefined && { comment }),
  } satisfies JsonObject
  const fault = outputFault(draft.state, output, undefined)
  return fault ? { kind: 'failed', error: fault } : { kind: 'completed', output }
}

/** What a step ends with that somebody has rejected. Pure. */
export function rejection({ by, comment }: Pick<ApprovalAnswer, 'by' | 'comment'>): TaskError {
  return { code: 'APPROVAL_REJECTED', message: `rejected by ${by}${comment ? `: ${comment}` : ''}` }
}

/**
 * What is to be approved, as it is shown: the subject of an approval with all references in their places; undefined when there is none.
 * Outputs of needed steps never change, so it is the same whenever it is asked for. Pure.
 * @throws MurmurError EXPANSION_TOO_LARGE
 */
export function subjectOf(state: TaskState, step: Step): JsonValue | undefined {
  const template = step.approval?.subject
  return template === undefined ? undefined : resolveTemplate(template, state)
}

/**
 * Whom an approval is for by now: its own assignees, and those that it was escalated to, unless it was handed on; then those, and whom it was
 * escalated to since. Empty: anybody. Pure.
 */
export function assigneesOf(
  approval: Approval,
  { escalations = 0, handedOn = [] }: Pick<StepState, 'escalations' | 'handedOn'>,
): string[] {
  const steps = inOrder(approval)
  let told = 0
  let names = approval.assignees ?? []
  const escalate = (until: number) => {
    names = [...names, ...steps.slice(told, until).flatMap(({ assignees }) => assignees)]
    told = until
  }
  for (const { to, keep, escalations: before } of handedOn) {
    escalate(before)
    names = keep ? [...names, ...to] : to
  }
  escalate(escalations)
  return [...new Set(names)]
}

/** An approval is for others from now on. */
export function handOn(draft: TaskDraft, step: Step, order: Omit<HandOn, 'atMs' | 'escalations'>): void {
  const { attempt, escalations = 0, handedOn = [] } = draft.step(step.id)
  const { to, keep, by, reason } = order
  const entry = { to, keep, by, ...(reason !== undefined && { reason }), atMs: draft.atMs, escalations }
  draft.change(step.id, { handedOn: [...handedOn, entry] })
  const note = `handed on to ${to.join(', ')} by ${by}${reason ? `: ${reason}` : ''}`
  draft.announce({ kind: 'step-waiting', stepId: step.id, attempt, note })
}

function beginSleep(draft: TaskDraft, { id, sleep }: Step): StepEnd | undefined {
  const wakeAtMs = 'ms' in sleep! ? draft.atMs + sleep.ms : momentIn(draft, sleep!.until)
  if (typeof wakeAtMs !== 'number') return wakeAtMs
  // Nothing to wait for: a moment that has passed is no fault.
  if (wakeAtMs <= draft.atMs) return { kind: 'completed', output: { atMs: draft.atMs } }
  draft.change(id, { status: 'sleeping', waitingSinceMs: draft.atMs, wakeAtMs })
  draft.announce({
    kind: 'step-waiting',
    stepId: id,
    note: `sleeps until ${new Date(wakeAtMs).toISOString()}`,
  })
  return undefined
}

function momentIn({ state }: TaskDraft, until: JsonValue): number | StepEnd {
  let value: JsonValue
  try {
    value = resolveTemplate(until, state)
  } catch (error) {
    return failed('SLEEP_INVALID', messageOf(error))
  }
  const found = JSON.stringify(value).slice(0, 100)
  return (
    planMoment(value) ?? failed('SLEEP_INVALID', `"until" of its sleep came to ${found}, which is no moment`)
  )
}

function beginWaitFor(draft: TaskDraft, { id, waitFor }: Step): StepEnd | undefined {
  const { signal, timeoutMs } = waitFor!
  const kept = takeBuffered(draft, signal)
  if (kept) return signalled(kept)
  draft.change(id, {
    status: 'awaiting-signal',
    waitingSinceMs: draft.atMs,
    ...(timeoutMs !== undefined && { wakeAtMs: draft.atMs + timeoutMs }),
  })
  draft.announce({ kind: 'step-waiting', stepId: id, note: `waits for signal "${signal}"` })
  return undefined
}

function beginApproval(draft: TaskDraft, step: Step, approval: Approval): StepEnd | undefined {
  const fault = subjectFault(draft, step)
  if (fault) return fault
  draft.change(step.id, {
    status: 'awaiting-approval',
    attempt: draft.step(step.id).attempt + 1,
    waitingSinceMs: draft.atMs,
    wakeAtMs: nextMoment(approval, draft.atMs, 0),
    handedOn: undefined,
  })
  const { attempt } = draft.step(step.id)
  draft.announce({
    kind: 'step-waiting',
    stepId: step.id,
    attempt,
    note: `asks for approval: ${approval.title}`,
  })
  return undefined
}

/** What is approved is kept in the output, so it must fit there: known before anybody reads it. */
function subjectFault({ state }: TaskDraft, step: Step): StepEnd | undefined {
  try {
    const fault = outputFault(state, subjectOf(state, step) ?? null, undefined)
    return fault && { kind: 'failed', error: fault }
  } catch (error) {
    return failed('EXPANSION_TOO_LARGE', messageOf(error))
  }
}

function wakeApproval(draft: TaskDraft, step: Step, untilMs: number): StepEnd | undefined {
  const approval = step.approval!
  const { waitingSinceMs = draft.atMs, escalations: before = 0 } = draft.step(step.id)
  const { timeoutMs = Number.POSITIVE_INFINITY, onTimeout } = approval
  if (waitingSinceMs + timeoutMs <= untilMs) {
    if (onTimeout === 'approve') return answered(draft, step, { decision: 'approved', by: 'timeout' })
    const message = `nobody decided within ${timeoutMs} ms`
    return failed(onTimeout === 'reject' ? 'APPROVAL_REJECTED' : 'APPROVAL_TIMEOUT', message)
  }
  const due = inOrder(approval).filter(({ afterMs }) => waitingSinceMs + afterMs <= untilMs)
  draft.change(step.id, {
    escalations: due.length,
    wakeAtMs: nextMoment(approval, waitingSinceMs, due.length),
  })
  const names = due.slice(before).flatMap(({ assignees }) => assignees)
  const note = `escalated to ${[...new Set(names)].join(', ')}`
  draft.announce({ kind: 'step-waiting', stepId: step.id, attempt: draft.step(step.id).attempt, note })
  return undefined
}

/** When it is escalated next or its time is up; undefined: never. Unix ms. */
function nextMoment(approval: Approval, sinceMs: number, escalations: number): number | undefined {
  const afterMs = Math.min(
    inOrder(approval)[escalations]?.afterMs ?? Number.POSITIVE_INFINITY,
    approval.timeoutMs ?? Number.POSITIVE_INFINITY,
  )
  return Number.isFinite(afterMs) ? sinceMs + afterMs : undefined
}

function inOrder({ escalation = [] }: Approval) {
  return escalation.toSorted((a, b) => a.afterMs - b.afterMs)
}

function failed(code: string, message: string): StepEnd {
  return { kind: 'failed', error: { code, message } }
}
