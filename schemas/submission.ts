import { z } from 'zod'
import { idempotencyKeySchema, taskIdSchema, taskTypeSchema } from './identifiers.ts'
import { jsonObjectSchema } from './json.ts'
import { DEFAULTS, LIMITS } from './limits.ts'
import { planSchema, prioritySchema } from './plan.ts'
import { templateReferenceSchema } from './plan-template.ts'
import { problemSchema } from './problem.ts'
import { debounceSchema, singletonSchema } from './submission-key.ts'

/** For clients to find their tasks by. */
export const labelsSchema = z
  .record(z.string().min(1).max(64), z.string().max(256))
  .refine((labels) => Object.keys(labels).length <= LIMITS.labels, {
    error: `at most ${LIMITS.labels} labels`,
  })
  .meta({ maxProperties: LIMITS.labels })

/** What a client sends to start a task. On `tasks.submit.<type>` the type may be left out of the body. */
export const submissionSchema = z.strictObject({
  type: taskTypeSchema.optional(),
  /** What the type of task asks for; see docs/tasks.md. */
  input: jsonObjectSchema.optional(),
  /** Only for type `plan`. */
  plan: planSchema.optional(),
  /** Instead of a plan: the newest version of a plan template, or one that is named: `count-notes@2`. */
  template: templateReferenceSchema.optional(),
  idempotencyKey: idempotencyKeySchema.optional(),
  priority: prioritySchema.optional(),
  /** From acceptance to the end of the task. Milliseconds. */
  deadlineMs: z.int().min(1).max(LIMITS.taskDeadlineMs).optional(),
  /** Wait this long before the first step. Milliseconds. */
  delayMs: z.int().min(0).max(LIMITS.taskDeadlineMs).optional(),
  labels: labelsSchema.optional(),
  /** At most one task of this key is under way. */
  singleton: singletonSchema.optional(),
  /** Submissions with this key become one task, when no more of them come. */
  debounce: debounceSchema.optional(),
})
export type Submission = z.infer<typeof submissionSchema>

/** The answer to a submission: the task exists, durably. */
export const submissionReceiptSchema = z.object({
  taskId: z.string(),
  /** True when the same idempotency key had been accepted before; the task is that earlier one. */
  duplicate: z.boolean(),
  /** With `singleton`, "return-existing": the task is another one, which has the key. */
  existing: z.boolean().optional(),
  /** With `singleton`, "replace": the task that is cancelled; this one begins when that is over. */
  replaced: z.string().optional(),
  /** With `debounce`: the task was there already, and takes the input of this submission. */
  merged: z.boolean().optional(),
  /** With `debounce`: when the task starts unless another submission comes. Unix milliseconds. */
  startsAtMs: z.int().optional(),
})
export type SubmissionReceipt = z.infer<typeof submissionReceiptSchema>

export const submissionExample: Submission = {
  type: 'report',
  input: { title: 'May', sources: [{ name: 'notes.md', text: '# May\nSales rose by 4 %.' }] },
  idempotencyKey: 'may-report-1',
  deadlineMs: DEFAULTS.taskDeadlineMs,
  labels: { team: 'north' },
}

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

/** `murmur.plans.check`: what would a submission do? It is checked as if it were submitted, and nothing is run. */
export const checkPlanRequestSchema = submissionSchema
export type CheckPlanRequest = Submission

export const checkPlanResponseSchema = z.object({
  type: z.string(),
  /** The version of a plan template that the plan comes from. */
  template: z.string().optional(),
  /** The steps that it would have, whatever type of task it is. */
  plan: planSchema,
  /** Ids of steps that can run at the same time, first the first. */
  stages: z.array(z.array(z.string())),
  /** Milliseconds from acceptance to the latest end. */
  deadlineMs: z.int(),
  /** What each step does and when, by its id. Sentences for people. */
  does: z.record(z.string(), z.string()).default({}),
  /** What in it will hardly work as it is meant: limits that contradict each other. Sentences for people. */
  warnings: z.array(z.string()).default([]),
  /** What would become of it now by its key of `singleton` or `debounce`. A sentence for people. */
  byKey: z.string().optional(),
})
export type CheckPlanResponse = z.infer<typeof checkPlanResponseSchema>
