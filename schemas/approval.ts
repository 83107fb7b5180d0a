import { z } from 'zod'
import { jsonValueSchema } from './json.ts'
import { LIMITS } from './limits.ts'

const nameSchema = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'is a letter, then letters, digits and _')

/** One field of the form that whoever approves fills in. */
export const approvalFieldSchema = z.strictObject({
  name: nameSchema,
  label: z.string().min(1).max(200).optional(),
  type: z.enum(['string', 'number', 'integer', 'boolean', 'choice']),
  /** What can be chosen; for `choice` only. */
  choices: z.array(z.string().min(1).max(200)).min(1).max(50).optional(),
  required: z.boolean().optional(),
})
export type ApprovalField = z.infer<typeof approvalFieldSchema>

/** Somebody decides before the plan goes on. */
export const approvalSchema = z.strictObject({
  title: z.string().min(1).max(200),
  description: z.string().max(4000).optional(),
  /** Template of what is to be approved, as it is shown; `$from` references as in an input. */
  subject: jsonValueSchema.optional(),
  /** The subject may be changed by whoever approves; the changed one is in the output. */
  editable: z.boolean().optional(),
  form: z.array(approvalFieldSchema).max(20).optional(),
  /** Whom it is for: names of people or groups, for the inbox to filter by. */
  assignees: z.array(z.string().min(1).max(100)).max(20).optional(),
  /** Whom else it is for when nobody has decided after so long. Milliseconds since the approval was asked for. */
  escalation: z
    .array(
      z.strictObject({
        afterMs: z.int().min(1).max(LIMITS.taskDeadlineMs),
        assignees: z.array(z.string().min(1).max(100)).min(1).max(20),
      }),
    )
    .max(5)
    .optional(),
  /** How long it is waited for; by default as long as the task may take. Milliseconds. */
  timeoutMs: z.int().min(1).max(LIMITS.taskDeadlineMs).optional(),
  /** `fail` (default): the step fails with APPROVAL_TIMEOUT. `approve`, `reject`: as if somebody had. */
  onTimeout: z.enum(['fail', 'approve', 'reject']).optional(),
})
export type Approval = z.infer<typeof approvalSchema>

/** Times that one question can be handed on. */
export const MAX_HAND_ONS = 20

/** Whom a question was handed on to, by whom and why. */
export const handOnSchema = z.object({
  to: z.array(z.string().min(1).max(100)).min(1).max(20),
  /** Whom it was for may answer, too. */
  keep: z.boolean(),
  by: z.string().min(1).max(200),
  reason: z.string().max(1000).optional(),
  atMs: z.number(),
  /** How many escalations there had been. */
  escalations: z.int().min(0),
})
export type HandOn = z.infer<typeof handOnSchema>

/** What somebody decided, as it stands in the output of the step. */
export const approvalOutputSchema = z.object({
  decision: z.enum(['approved', 'rejected']),
  /** Who, as the access of the API knows them; `timeout` where time decided. */
  by: z.string(),
  atMs: z.number(),
  values: z.record(z.string(), jsonValueSchema).optional(),
  /** What was approved: as it was shown, or as it was changed. */
  subject: jsonValueSchema.optional(),
  comment: z.string().optional(),
})
export type ApprovalOutput = z.infer<typeof approvalOutputSchema>
