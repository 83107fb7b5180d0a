import { MAX_HAND_ONS } from '#schemas/approval.ts'
import type { TaskControl } from '#schemas/log-event.ts'
import { checkApprovalAnswer } from './approval-answer.ts'
import type { LateReason } from './commands.ts'
import { actOnDue } from './due-actions.ts'
import { stepOf } from './find-run.ts'
import { signalRefusal, takeSignal } from './signals.ts'
import { advanceAll, dispatchedIn, stepEnded } from './step-endings.ts'
import { endTask } from './task-ending.ts'
import type { TaskDraft } from './transitions.ts'
import { answered, handOn, signalled } from './waiting-steps.ts'

/** Does what somebody wants of a task that goes on. @returns why nothing came of it */
export function applyControl(draft: TaskDraft, body: TaskControl): LateReason | undefined {
  if (draft.state.status === 'compensating') return 'compensating'
  switch (body.action) {
    case 'cancel':
      endTask(draft, 'cancelled', { code: 'CANCELLED', message: body.reason ?? 'cancelled on request' })
      return undefined
    case 'pause':
      return pause(draft, body.reason)
    case 'resume':
      return resume(draft)
    case 'signal':
      return signal(draft, body)
    case 'approval':
      return answer(draft, body)
    case 'hand-on':
      return handOnQuestion(draft, body)
    case 'release':
      return release(draft, body)
  }
}

/** Nothing new begins; what is out, and what people and signals answer, counts. */
function pause(draft: TaskDraft, reason: string | undefined): LateReason | undefined {
  if (draft.state.status === 'paused') return 'no-change'
  draft.pause(reason)
  draft.announce({ kind: 'paused', ...(reason !== undefined && { note: reason }) })
  return undefined
}

/** What has become due meanwhile is done, in the order of the plan. */
function resume(draft: TaskDraft): LateReason | undefined {
  if (draft.state.status !== 'paused') return 'no-change'
  draft.resume()
  const at = draft.commands.length
  if (isRunning(draft)) actOnDue(draft, draft.atMs)
  if (isRunning(draft)) advanceAll(draft)
  draft.announce({ kind: 'resumed', dispatched: dispatchedIn(draft) }, at)
  return undefined
}

/** What was held goes on: begins now, waits for its time, or stays paused. */
function release(draft: TaskDraft, { task }: TaskControl & { action: 'release' }): LateReason | undefined {
  if (!draft.state.held) return 'no-change'
  draft.releaseTask(task)
  if (draft.state.status === 'paused' || draft.state.startAtMs > draft.atMs) {
    draft.announce({ kind: 'progress', note: 'released' })
    return undefined
  }
  draft.start()
  const at = draft.commands.length
  advanceAll(draft)
  draft.announce({ kind: 'progress', note: 'started', dispatched: dispatchedIn(draft) }, at)
  return undefined
}

function signal(draft: TaskDraft, body: TaskControl & { action: 'signal' }): LateReason | undefined {
  const refusal = signalRefusal(draft.state, body)
  if (refusal) return refusal
  const step = takeSignal(draft, body)
  if (step) stepEnded(draft, step, signalled({ ...body, atMs: draft.atMs }))
  else draft.announce({ kind: 'progress', note: `signal "${body.name}" is kept until a step waits for it` })
  return undefined
}

function answer(draft: TaskDraft, body: TaskControl & { action: 'approval' }): LateReason | undefined {
  const step = stepOf(draft.state.plan, body.stepId)
  if (!step) return 'unknown-step'
  const { status, attempt } = draft.step(step.id)
  if (!step.approval || status !== 'awaiting-approval') return 'not-asked'
  if (attempt !== body.attempt) return 'superseded-attempt'
  if (checkApprovalAnswer(step.approval, body).length > 0) return 'not-asked'
  stepEnded(draft, step, answered(draft, step, body))
  return undefined
}

function handOnQuestion(draft: TaskDraft, body: TaskControl & { action: 'hand-on' }): LateReason | undefined {
  const step = stepOf(draft.state.plan, body.stepId)
  if (!step) return 'unknown-step'
  const { status, attempt, handedOn = [] } = draft.step(step.id)
  if (!step.approval || status !== 'awaiting-approval') return 'not-asked'
  if (attempt !== body.attempt) return 'superseded-attempt'
  if (handedOn.length >= MAX_HAND_ONS) return 'no-change'
  handOn(draft, step, body)
  return undefined
}

function isRunning({ state }: TaskDraft): boolean {
  return state.status === 'running'
}
