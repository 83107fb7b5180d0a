import { DEFAULTS } from '#schemas/limits.ts'
import type { Step } from '#schemas/plan.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import type { StepState, TaskState } from '#schemas/task.ts'
import { resolveTemplate } from './references.ts'
import { inlineOutputBytes } from './state-bounds.ts'

/** The subject that an agent type writes its results on. */
type ReplyOf = (agent: string) => string

/**
 * The message for an attempt that is out, or undefined when it no longer is: by the time a command is carried out the
 * task may have been cancelled. Outputs of needed steps never change, so building late gives what building early would. Pure.
 */
export function buildStepMessage(
  state: TaskState,
  stepId: string,
  attempt: number,
  replyOf: ReplyOf,
): StepMessage | undefined {
  const found = find(state, stepId)
  if (found?.current.status !== 'dispatched' || found.current.attempt !== attempt) return undefined
  return messageOf(state, found, attempt, replyOf)
}

/** The message of an attempt that is over, for people to look at; undefined when there is no such step. Pure. */
export function buildBuriedMessage(
  state: TaskState,
  stepId: string,
  attempt: number,
  replyOf: ReplyOf,
): StepMessage | undefined {
  const found = find(state, stepId)
  return found && messageOf(state, found, attempt, replyOf)
}

interface Found {
  step: Step
  current: StepState
}

function find(state: TaskState, stepId: string): Found | undefined {
  const step = state.plan.steps.find((candidate) => candidate.id === stepId)
  const current = state.steps[stepId]
  return step && current && { step, current }
}

function messageOf(
  state: TaskState,
  { step, current }: Found,
  attempt: number,
  replyOf: ReplyOf,
): StepMessage {
  return {
    v: 1,
    taskId: state.id,
    taskType: state.type,
    tenant: state.tenant,
    stepId: step.id,
    agent: step.agent!,
    attempt,
    reply: replyOf(step.agent!),
    timeoutMs: step.timeoutMs ?? DEFAULTS.stepTimeoutMs,
    ...(current.expiresAtMs !== undefined && { expiresAtMs: current.expiresAtMs }),
    deadlineAtMs: state.deadlineAtMs,
    inlineOutputBytes: inlineOutputBytes(state.plan.steps.length),
    ...(current.crashes && { alone: true }),
    input: resolveTemplate(step.input ?? {}, state),
  }
}
