import { z } from 'zod'
import { approvalSchema, handOnSchema, MAX_HAND_ONS } from './approval.ts'
import { stepIdSchema, taskIdSchema, taskTypeSchema } from './identifiers.ts'
import { jsonObjectSchema, jsonValueSchema } from './json.ts'
import { LIMITS } from './limits.ts'
import { planSchema } from './plan.ts'
import { problemSchema } from './problem.ts'
import { signalNameSchema } from './step-kinds.ts'
import { labelsSchema } from './submission.ts'
import { taskStatusSchema } from './task.ts'

/** What somebody may want of a task that is there: pause, resume, signal, answer, run again. */

const reasonSchema = z.string().max(1000).optional()
/** Of the answer to whatever is written into the log: it will be acted on, in its order. */
const acceptedSchema = z.object({ taskId: z.string(), accepted: z.literal(true) })

/** `murmur.tasks.pause` */
export const pauseTaskRequestSchema = z.strictObject({ taskId: taskIdSchema, reason: reasonSchema })
export const pauseTaskResponseSchema = acceptedSchema

/** `murmur.tasks.resume` */
export const resumeTaskRequestSchema = z.strictObject({ taskId: taskIdSchema })
export const resumeTaskResponseSchema = acceptedSchema

/** Of one signal. Bytes of JSON. */
export const MAX_SIGNAL_BYTES = 16 * 1024

/** `murmur.tasks.signal`: for a step that waits for it, now or later. */
export const signalTaskRequestSchema = z.strictObject({
  taskId: taskIdSchema,
  name: signalNameSchema,
  payload: jsonValueSchema.describe('Any JSON, up to 16 KiB.').optional(),
  /** The same id again is the same signal, and changes nothing. Made anew unless it is given. */
  id: z.string().min(1).max(128).describe('The same id again is the same signal.').optional(),
})
export const signalTaskResponseSchema = acceptedSchema.extend({ id: z.string() })

/** A question that waits for somebody. */
export const openApprovalViewSchema = z.object({
  taskId: z.string(),
  taskType: z.string(),
  stepId: z.string(),
  /** Which time it is asked: an answer names it, so that it answers this question and no later one. */
  attempt: z.int().min(1),
  sinceMs: z.number(),
  /** When time decides; missing: with the task. Unix milliseconds. */
  untilMs: z.number().optional(),
  /** For whom it is now, escalations and what was handed on included. */
  assignees: z.array(z.string()),
  escalations: z.int(),
  /** Whom it was handed on to, the last one at the end. */
  handedOn: z.array(handOnSchema).max(MAX_HAND_ONS).optional(),
  approval: approvalSchema,
  /** What is to be approved. */
  subject: jsonValueSchema.optional(),
  labels: z.record(z.string(), z.string()).optional(),
})
export type OpenApprovalView = z.infer<typeof openApprovalViewSchema>

/** `murmur.approvals.list` */
export const listApprovalsRequestSchema = z.strictObject({
  /** Only those for this person or group, and those for nobody in particular. */
  assignee: z.string().min(1).max(100).optional(),
  taskId: taskIdSchema.optional(),
  limit: z.int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(512).optional(),
})
export type ListApprovalsRequest = z.infer<typeof listApprovalsRequestSchema>
export const listApprovalsResponseSchema = z.object({
  /** May be fewer than the limit, or none, though there are more: go by the cursor. */
  approvals: z.array(openApprovalViewSchema),
  nextCursor: z.string().optional(),
})
export type ListApprovalsResponse = z.infer<typeof listApprovalsResponseSchema>

/** `murmur.approvals.answer` */
export const answerApprovalRequestSchema = z.strictObject({
  taskId: taskIdSchema,
  stepId: stepIdSchema,
  attempt: z.int().min(1).default(1),
  decision: z.enum(['approved', 'rejected']),
  /** Who decides. An edge says it for whoever asks it. */
  by: z.string().min(1).max(200).optional(),
  /** What was filled into the form. */
  values: z.record(z.string(), jsonValueSchema).describe('What was filled into the form.').optional(),
  /** What is approved instead, where that may be changed. */
  subject: jsonValueSchema.describe('What is approved instead, where that may be changed.').optional(),
  comment: z.string().max(4000).optional(),
})
export type AnswerApprovalRequest = z.infer<typeof answerApprovalRequestSchema>
export const answerApprovalResponseSchema = acceptedSchema

/** `murmur.approvals.hand-on`: others are to decide. */
export const handOnApprovalRequestSchema = z.strictObject({
  taskId: taskIdSchema,
  stepId: stepIdSchema,
  attempt: z.int().min(1).default(1),
  /** Persons or groups, as assignees of a plan are. */
  to: handOnSchema.shape.to,
  /** Whom it is for now may answer, too; else only those that are named. */
  keep: z.boolean().describe('Whom it is for now may answer, too.').default(false),
  /** Who hands it on. An edge says it for whoever asks it. */
  by: z.string().min(1).max(200).optional(),
  reason: reasonSchema,
})
export type HandOnApprovalRequest = z.infer<typeof handOnApprovalRequestSchema>
export const handOnApprovalResponseSchema = acceptedSchema

/** `murmur.tasks.retry`: a new task with the plan of one that is over; finished steps keep their results. */
export const retryTaskRequestSchema = z.strictObject({
  taskId: taskIdSchema,
  /** The same id again gives the same new task. */
  requestId: z.string().min(1).max(128).describe('The same id again gives the same new task.'),
  /** These steps and all that follow from them run again; without it those that failed or were not reached, and what follows. */
  fromSteps: z.array(stepIdSchema).min(1).max(256).optional(),
  /** Another input for the task. Steps that refer to what changed run again only where they are among those above. */
  input: jsonObjectSchema.describe('Another input for the task.').optional(),
  /** Another plan; steps of the same id that are not run again keep their results. */
  plan: planSchema.optional(),
})
export type RetryTaskRequest = z.infer<typeof retryTaskRequestSchema>
export const retryTaskResponseSchema = z.object({
  taskId: z.string(),
  duplicate: z.boolean(),
  retryOf: z.string(),
  /** Steps whose results are kept. */
  kept: z.array(z.string()),
})
export type RetryTaskResponse = z.infer<typeof retryTaskResponseSchema>

/** Tasks that one request changes, at most. */
export const MAX_BULK_TASKS = 200

/** `murmur.tasks.change-many`: the same for every task that a filter finds, page by page. */
export const changeTasksRequestSchema = z
  .strictObject({
    action: z.enum(['cancel', 'pause', 'resume', 'retry']),
    /** These tasks … */
    taskIds: z.array(taskIdSchema).min(1).max(MAX_BULK_TASKS).optional(),
    /** … or those that are all of this. */
    filter: z
      .strictObject({
        status: taskStatusSchema.optional(),
        type: taskTypeSchema.optional(),
        labels: labelsSchema.optional(),
        text: z.string().trim().min(1).max(LIMITS.searchChars).optional(),
        createdFromMs: z.int().min(0).optional(),
        createdBeforeMs: z.int().min(0).optional(),
      })
      .meta({
        minProperties: 1,
        description: 'Or those that it finds: status, type, labels, text, createdFromMs, createdBeforeMs.',
      })
      .optional(),
    limit: z.int().min(1).max(MAX_BULK_TASKS).default(MAX_BULK_TASKS),
    cursor: z.string().min(1).max(256).optional(),
    reason: reasonSchema,
    /** For `retry`: the same id again gives the same new tasks. */
    requestId: z.string().min(1).max(128).optional(),
    /** Changes nothing, and says what would be done. */
    dryRun: z.boolean().describe('Changes nothing, and says what would be done.').default(false),
  })
  .superRefine(({ action, taskIds, filter, requestId }, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if ((taskIds === undefined) === (filter === undefined))
      refuse('filter', 'give either taskIds or a filter')
    if (filter && Object.keys(filter).length === 0)
      refuse('filter', 'an empty filter finds every task: name a status, a type, labels, a text or a time')
    if (action === 'retry' && requestId === undefined) refuse('requestId', 'is needed to retry')
  })
  // The same, for the OpenAPI document.
  .meta({
    oneOf: [{ required: ['taskIds'] }, { required: ['filter'] }],
    if: { properties: { action: { const: 'retry' } } },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: { required: ['requestId'] },
  })
export type ChangeTasksRequest = z.infer<typeof changeTasksRequestSchema>

export const changedTaskSchema = z.object({
  taskId: z.string(),
  type: z.string().optional(),
  status: taskStatusSchema.optional(),
  /** `planned`: a dry run would have done it. */
  outcome: z.enum(['done', 'planned', 'failed']),
  /** Of a retry: the new task. */
  newTaskId: z.string().optional(),
  problem: problemSchema.optional(),
})
export type ChangedTask = z.infer<typeof changedTaskSchema>
export const changeTasksResponseSchema = z.object({
  results: z.array(changedTaskSchema),
  nextCursor: z.string().optional(),
})
export type ChangeTasksResponse = z.infer<typeof changeTasksResponseSchema>

export const openApprovalExample: OpenApprovalView = {
  taskId: 'kq3v9x',
  taskType: 'plan',
  stepId: 'release',
  attempt: 1,
  sinceMs: 1_790_000_000_000,
  assignees: ['finance'],
  escalations: 0,
  approval: { title: 'Pay 4,200 EUR to ACME?', assignees: ['finance'], editable: true },
  subject: { amount: 4200 },
}
