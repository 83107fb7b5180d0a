import { z } from 'zod'
import { LIMITS } from './limits.ts'
import { taskAcceptedSchema } from './log-event.ts'

/** Chosen by the client, so any printable text is allowed; it is hashed before it names anything. */
const keySchema = z.string().min(1).max(256)

/** What becomes of a submission whose key another task has that is not over. */
export const ON_CONFLICT = ['reject', 'return-existing', 'replace'] as const
export type OnConflict = (typeof ON_CONFLICT)[number]

/** `singleton`: of all tasks of a tenant with this key at most one is under way. */
export const singletonSchema = z.strictObject({
  key: keySchema,
  onConflict: z.enum(ON_CONFLICT).default('reject'),
})
export type Singleton = z.infer<typeof singletonSchema>

/** `debounce`: submissions of a tenant with this key become one task, with the input of the last one. Milliseconds. */
export const debounceSchema = z
  .strictObject({
    key: keySchema,
    /** The task starts when so long none came. */
    delayMs: z.int().min(LIMITS.debounceMinMs).max(LIMITS.debounceMaxMs),
    /** So long after the first one it starts in any case. */
    maxDelayMs: z.int().min(LIMITS.debounceMinMs).max(LIMITS.debounceMaxMs).default(LIMITS.debounceMaxMs),
  })
  .refine(({ delayMs, maxDelayMs }) => maxDelayMs >= delayMs, {
    error: 'must be delayMs or longer',
    path: ['maxDelayMs'],
  })
export type Debounce = z.infer<typeof debounceSchema>

export const SUBMISSION_KEY_KINDS = ['singleton', 'debounce'] as const
export type SubmissionKeyKind = (typeof SUBMISSION_KEY_KINDS)[number]

/** The task that has a key. */
export const keyHolderSchema = z.object({
  taskId: z.string(),
  type: z.string(),
  /** Unix milliseconds. */
  sinceMs: z.number(),
})

/**
 * A key of submissions as its stream keeps it: the last message of `submission-keys.<tenant>.<kind>.<hash of the key>`. What it says
 * counts: a task that it names is accepted, whether or not the log has it yet.
 */
export const submissionKeySchema = z.object({
  v: z.literal(1),
  tenant: z.string(),
  kind: z.enum(SUBMISSION_KEY_KINDS),
  key: z.string(),
  /** Unix milliseconds. */
  updatedAtMs: z.number(),
  holder: keyHolderSchema.optional(),
  /** The holder as it is accepted: while it is not known to be in the log, and of a debounced task until it is started. */
  task: taskAcceptedSchema.optional(),
  /** `task` is not known to be in the log yet. */
  unpublished: z.literal(true).optional(),
  /** The holder replaces these, and waits until they are over. */
  predecessors: z.array(z.string()).optional(),
  /** Of a debounced task that does not run yet. Unix milliseconds. */
  window: z
    .object({
      openedAtMs: z.number(),
      dueMs: z.number(),
      /** Submissions that became this task, the first one among them. */
      submissions: z.int(),
      /** It is decided with what it starts; nothing is merged any more. */
      closed: z.literal(true).optional(),
    })
    .optional(),
  /** The last submissions, by the id of the task that each would have been: one that comes again has the same answer. Oldest first. */
  recent: z.array(z.object({ id: z.string(), hash: z.string(), taskId: z.string() })),
})
export type SubmissionKey = z.infer<typeof submissionKeySchema>
