import { DEFAULTS } from '#schemas/limits.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import { resolveTemplate } from './references.ts'

/**
 * The message for an attempt that is out, or undefined when it no longer is: by the time a command is carried out the
 * task may have been cancelled. Outputs of needed steps never change, so building late gives what building early would. Pure.
 */
export function buildStepMessage(
  state: TaskState,
  stepId: string,
  attempt: number,
  /** The subject that an agent type writes its results on. */
  replyOf: (agent: string) => string,
): StepMessage | undefined {
  const current = state.steps[stepId]
  const step = state.plan.steps.find((candidate) => candidate.id === stepId)
  if (!step || current?.status !== 'dispatched' || current.attempt !== attempt) return undefined
  return {
    v: 1,
    taskId: state.id,
    taskType: state.type,
    tenant: state.tenant,
    stepId,
    agent: step.agent,
    attempt,
    reply: replyOf(step.agent),
    timeoutMs: step.timeoutMs ?? DEFAULTS.stepTimeoutMs,
    input: resolveTemplate(step.input ?? {}, state),
  }
}
