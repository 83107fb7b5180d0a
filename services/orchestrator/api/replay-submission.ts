import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { JsonValue } from '#schemas/json.ts'
import { stepMessageSchema } from '#schemas/step-message.ts'
import type { Submission } from '#schemas/submission.ts'
import { splitRunId } from '#workflow/decide/run-id.ts'
import type { KeptLetter } from './dead-letter-log.ts'

/** Labels of a task that a letter became: what it comes from. */
export const REPLAY_LABELS = {
  letter: 'dead-letter',
  task: 'replay-of-task',
  step: 'replay-of-step',
} as const

export interface ReplayOrder {
  requestId: string
  /** Another input for the step. */
  input?: JsonValue | undefined
}

/**
 * The task that a letter becomes: the same step alone, with the input that it had. The input is handed on by a reference, so that what
 * looks like a reference within it stays what it is. Pure.
 * @throws MurmurError INVALID_REQUEST for what is no step
 */
export function replaySubmission(
  { message, letter }: KeptLetter,
  { requestId, input }: ReplayOrder,
): { tenant: string; submission: Submission } {
  const step = readMessage(message.data, stepMessageSchema)
  if (!step)
    throw new MurmurError('INVALID_REQUEST', `message ${letter.seq} is no step: there is nothing to replay`)
  const { tenant, taskId, agent, timeoutMs } = step
  // Of a run of a step only the step's name is a name of a step.
  const { stepId } = splitRunId(step.stepId)
  return {
    tenant,
    submission: {
      type: 'plan',
      idempotencyKey: `dead-letter:${letter.seq}:${letter.atMs}:${requestId}`,
      input: { input: input ?? step.input },
      plan: { steps: [{ id: stepId, agent, input: { $from: 'input.input' }, timeoutMs }] },
      labels: {
        [REPLAY_LABELS.letter]: String(letter.seq),
        [REPLAY_LABELS.task]: taskId,
        [REPLAY_LABELS.step]: stepId,
      },
    },
  }
}
