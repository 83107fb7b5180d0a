import { z } from 'zod'
import { idempotencyKeySchema, taskTypeSchema } from './identifiers.ts'
import { jsonObjectSchema } from './json.ts'
import { DEFAULTS, LIMITS } from './limits.ts'
import { planSchema, prioritySchema } from './plan.ts'

/** For clients to find their tasks by. */
export const labelsSchema = z
  .record(z.string().min(1).max(64), z.string().max(256))
  .refine((labels) => Object.keys(labels).length <= LIMITS.labels, {
    error: `at most ${LIMITS.labels} labels`,
  })

/** What a client sends to start a task. On `tasks.submit.<type>` the type may be left out of the body. */
export const submissionSchema = z.strictObject({
  type: taskTypeSchema.optional(),
  /** What the type of task asks for; see docs/tasks.md. */
  input: jsonObjectSchema.optional(),
  /** Only for type `plan`. */
  plan: planSchema.optional(),
  idempotencyKey: idempotencyKeySchema.optional(),
  priority: prioritySchema.optional(),
  /** From acceptance to the end of the task. Milliseconds. */
  deadlineMs: z.int().min(1).max(LIMITS.taskDeadlineMs).optional(),
  /** Wait this long before the first step. Milliseconds. */
  delayMs: z.int().min(0).max(LIMITS.taskDeadlineMs).optional(),
  labels: labelsSchema.optional(),
})
export type Submission = z.infer<typeof submissionSchema>

/** The answer to a submission: the task exists, durably. */
export const submissionReceiptSchema = z.object({
  taskId: z.string(),
  /** True when the same idempotency key had been accepted before; the task is that earlier one. */
  duplicate: z.boolean(),
})
export type SubmissionReceipt = z.infer<typeof submissionReceiptSchema>

export const submissionExample: Submission = {
  type: 'report',
  input: { title: 'May', sources: [{ name: 'notes.md', text: '# May\nSales rose by 4 %.' }] },
  idempotencyKey: 'may-report-1',
  deadlineMs: DEFAULTS.taskDeadlineMs,
  labels: { team: 'north' },
}
