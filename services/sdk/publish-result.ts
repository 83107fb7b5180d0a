import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Publisher } from '#platform/nats/publisher.ts'
import type { PayloadOf } from '#platform/nats/record-guard.ts'
import type { StepMessage, StepOutcome, StepResult } from '#schemas/step-message.ts'
import { MESSAGE_IDS, parseLogSubject, SUBJECTS } from '#subjects/subjects.ts'

export type RanStep = Pick<
  StepResult,
  'instance' | 'startedAtMs' | 'finishedAtMs' | 'outcome' | 'traceparent'
>

/**
 * Resolves when the log has the result. One that no message can hold becomes a failure that says so: left to be delivered
 * again, the step would come to the same end each time.
 * @throws MurmurError UNAVAILABLE when the stream refuses it for good, or the connection is closed
 */
export async function publishResult(
  publisher: Pick<Publisher, 'publish'>,
  step: StepMessage,
  ran: RanStep,
  encoded = encodeResult(step, ran),
): Promise<void> {
  try {
    await publish(publisher, encoded)
  } catch (error) {
    if (!(error instanceof MurmurError) || error.code !== 'PAYLOAD_TOO_LARGE') throw error
    const outcome: StepOutcome = { kind: 'fail', error: { code: 'OUTPUT_TOO_LARGE', message: error.message } }
    await publish(publisher, encodeResult(step, { ...ran, outcome }))
  }
}

/** A result as it is sent. */
export interface EncodedResult {
  subject: string
  /** JSON without line breaks. */
  text: string
  msgId: string
  /** Whose it is, where payloads are encrypted. */
  payload: PayloadOf
}

export function encodeResult(step: StepMessage, ran: RanStep): EncodedResult {
  const { tenant, taskId, stepId, attempt, token } = step
  const result: StepResult = { v: 1, taskId, stepId, attempt, ...(token !== undefined && { token }), ...ran }
  return {
    subject: resultSubjectOf(step),
    text: JSON.stringify(result),
    msgId: MESSAGE_IDS.result(taskId, stepId, attempt, ran),
    payload: { tenant, taskId },
  }
}

async function publish(
  publisher: Pick<Publisher, 'publish'>,
  { subject, text, msgId, payload }: EncodedResult,
): Promise<void> {
  await publisher.publish(subject, text, { msgId, payload })
}

/** What stands in the step; where an earlier version has dispatched it, the subject that this type of agent may write on. */
function resultSubjectOf(step: StepMessage): string {
  const address = parseLogSubject(step.reply)
  return address?.kind === 'result' && address.agent === undefined
    ? SUBJECTS.result(address.partition, step.agent)
    : step.reply
}
