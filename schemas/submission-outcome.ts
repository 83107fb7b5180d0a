import { z } from 'zod'
import { idempotencyKeySchema, taskIdSchema } from './identifiers.ts'
import { problemSchema } from './problem.ts'

/** `murmur.submissions.get`: what became of what was published on `tasks.submit.<type>`? */
export const getSubmissionRequestSchema = z
  .strictObject({
    /** Its `Nats-Msg-Id`. */
    messageId: idempotencyKeySchema.optional(),
    /** Its place in the stream, as the PubAck says; for those without a message id or a key. */
    seq: z.int().min(1).optional(),
  })
  .refine(({ messageId, seq }) => (messageId === undefined) !== (seq === undefined), {
    error: 'needs a messageId or a seq, one of them',
  })
export type GetSubmissionRequest = z.infer<typeof getSubmissionRequestSchema>

export const submissionOutcomeSchema = z.discriminatedUnion('status', [
  z.object({ status: z.literal('accepted'), taskId: taskIdSchema }),
  z.object({ status: z.literal('rejected'), error: problemSchema }),
  /** Still in the queue. */
  z.object({ status: z.literal('waiting') }),
])
export type SubmissionOutcome = z.infer<typeof submissionOutcomeSchema>

/** `tasks.rejected.<type>`: told to whoever listens when the intake refuses something. */
export const submissionRejectedSchema = z.object({
  problem: problemSchema,
  seq: z.int(),
  messageId: z.string().optional(),
})
export type SubmissionRejected = z.infer<typeof submissionRejectedSchema>

export const submissionRejectedExample: SubmissionRejected = {
  problem: {
    code: 'UNKNOWN_TASK_TYPE',
    status: 400,
    message: 'there is no task type "dance"; there are plan, report, monitor',
    fix: 'Use a task type that is listed, or type "plan" with a plan of your own.',
  },
  seq: 17,
  messageId: 'dance-1',
}
