import { isDeepStrictEqual } from 'node:util'
import type { JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'
import type { ApprovalAnswer } from './approval-answer.ts'
import { boundedError } from './state-bounds.ts'
import { rejection, subjectOf } from './waiting-steps.ts'

/**
 * Whether a question was decided by this very answer, of the same person with the same content: then who gives it again, because the
 * reply was lost, is told the same. Pure.
 */
export function isAnswerGiven(
  state: TaskState,
  stepId: string,
  { attempt, ...answer }: ApprovalAnswer & { attempt: number },
): boolean {
  const step = state.plan.steps.find(({ id }) => id === stepId)
  const current = step && state.steps[step.id]
  if (!step?.approval || current?.attempt !== attempt) return false
  const { decision, by, values, comment } = answer
  if (decision === 'rejected') {
    // Of a rejection the error is kept, cut where it is long.
    const { code, message } = boundedError(rejection(answer), state.plan.steps.length)
    return current.status === 'failed' && current.error?.code === code && current.error.message === message
  }
  if (current.status !== 'completed') return false
  const { atMs: _, ...given } = (current.output ?? {}) as Record<string, JsonValue>
  const subject = answer.subject === undefined ? subjectOf(state, step) : answer.subject
  const asked = { decision, by, values, subject, comment }
  return isDeepStrictEqual(given, JSON.parse(JSON.stringify(asked)))
}
