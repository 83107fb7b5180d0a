import { z } from 'zod'
import { agentTypeSchema, idempotencyKeySchema, taskTypeSchema, tenantSchema } from './identifiers.ts'
import { jsonValueSchema } from './json.ts'
import { problemSchema, taskErrorSchema } from './problem.ts'

/** A message that was given up: kept in the stream DEAD for 30 days, for people to look at. */
export const deadLetterSchema = z.object({
  /** Its place in the stream: names it. */
  seq: z.int(),
  /** The type of agent that it was meant for, or that sent it. */
  agent: z.string(),
  /** When it was given up. Unix milliseconds. */
  atMs: z.number(),
  bytes: z.int(),
  /** Why, where whoever gave it up said so. */
  reason: z.string().optional(),
  /** The code of the last error. */
  code: z.string().optional(),
  /** The step that it is about, as far as it can be read. */
  tenant: z.string().optional(),
  taskType: z.string().optional(),
  taskId: z.string().optional(),
  stepId: z.string().optional(),
  /** The last attempt. */
  attempt: z.int().optional(),
  /** The task that it became, the last one where it was replayed several times. */
  replayed: z.object({ taskId: z.string(), atMs: z.number() }).optional(),
})
export type DeadLetter = z.infer<typeof deadLetterSchema>

/** All that is given must be true of a letter. */
export const deadLetterFilterSchema = z.strictObject({
  agent: agentTypeSchema.optional(),
  taskType: taskTypeSchema.optional(),
  code: taskErrorSchema.shape.code.optional(),
  /** Given up at this time or later, Unix milliseconds. */
  createdFromMs: z.int().min(0).optional(),
  /** Given up before this time, Unix milliseconds. */
  createdBeforeMs: z.int().min(0).optional(),
})
export type DeadLetterFilter = z.infer<typeof deadLetterFilterSchema>

/** Only letters about steps of this tenant: others, and what can't be read, are not there. All of them without it. */
const ofTenant = { tenant: tenantSchema.optional() }
const cursorSchema = z
  .string()
  .regex(/^\d{1,16}$/, { error: 'must be the nextCursor of an earlier answer' })
  .optional()

/** `murmur.dead-letters.list`: newest first. */
export const listDeadLettersRequestSchema = deadLetterFilterSchema.extend({
  ...ofTenant,
  limit: z.int().min(1).max(200).default(50),
  /** Where the last page ended: its `nextCursor`. */
  cursor: cursorSchema,
})
export type ListDeadLettersRequest = z.infer<typeof listDeadLettersRequestSchema>
export const listDeadLettersResponseSchema = z.object({
  deadLetters: z.array(deadLetterSchema),
  nextCursor: z.string().optional(),
})
export type ListDeadLettersResponse = z.infer<typeof listDeadLettersResponseSchema>

/** `murmur.dead-letters.get` */
export const getDeadLetterRequestSchema = z.strictObject({ ...ofTenant, seq: z.int().min(1) })
export const getDeadLetterResponseSchema = z.object({
  deadLetter: deadLetterSchema,
  /** What the message holds, where it is JSON; else its first characters as text. */
  content: jsonValueSchema,
})
export type GetDeadLetterResponse = z.infer<typeof getDeadLetterResponseSchema>

/** Letters that one request changes, at most: many are changed page by page. */
export const MAX_LETTERS_A_REQUEST = 100

const selectionFields = {
  /** These letters; or those that a filter finds, newest first. */
  seqs: z.array(z.int().min(1)).min(1).max(MAX_LETTERS_A_REQUEST).describe('These letters.').optional(),
  filter: deadLetterFilterSchema.describe('Or those that a filter finds.').optional(),
  /** With a filter: so many at most. */
  limit: z.int().min(1).max(MAX_LETTERS_A_REQUEST).default(MAX_LETTERS_A_REQUEST),
  /** With a filter: where the last page ended. */
  cursor: cursorSchema,
  /** Changes nothing, and says what would be done. */
  dryRun: z.boolean().describe('Changes nothing, and says what would be done.').default(false),
}
const oneSelection = { error: 'needs seqs or a filter, one of them' }
const isOneSelection = ({ seqs, filter }: { seqs?: unknown; filter?: unknown }) =>
  (seqs === undefined) !== (filter === undefined)

/** `murmur.dead-letters.replay`: each becomes a task of its own, with the same step. */
const replayFields = {
  ...selectionFields,
  /** Chosen by the client: the same letter under the same id is replayed once, however often it is asked for. */
  requestId: idempotencyKeySchema.max(128).describe('The same letter under the same id becomes one task.'),
  /** Another input for the step, of a single letter. */
  input: jsonValueSchema.describe('Another input, for a single letter.').optional(),
}
export const replayDeadLettersRequestSchema = z
  .strictObject({ ...ofTenant, ...replayFields })
  .refine(isOneSelection, oneSelection)
  .refine(({ input, seqs }) => input === undefined || seqs?.length === 1, {
    error: 'an input is for one letter: name it in seqs',
    path: ['input'],
  })
export type ReplayDeadLettersRequest = z.infer<typeof replayDeadLettersRequestSchema>

/** `murmur.dead-letters.purge`: they are deleted for good, and that is written into the log of the orchestrator. */
const purgeFields = { ...selectionFields, reason: z.string().max(500).optional() }
export const purgeDeadLettersRequestSchema = z
  .strictObject({ ...ofTenant, ...purgeFields })
  .refine(isOneSelection, oneSelection)
export type PurgeDeadLettersRequest = z.infer<typeof purgeDeadLettersRequestSchema>

/** What clients of an edge say, whose tenant is that of their credential; with what the refinements say in words of JSON Schema. */
const SELECTED = { oneOf: [{ required: ['seqs'] }, { required: ['filter'] }] }
export const replayBodySchema = z.strictObject(replayFields).meta({
  ...SELECTED,
  anyOf: [{ not: { required: ['input'] } }, { required: ['seqs'], properties: { seqs: { maxItems: 1 } } }],
})
export const purgeBodySchema = z.strictObject(purgeFields).meta(SELECTED)

/** What became of one letter. `planned`: it would be done, but for a dry run. */
export const deadLetterResultSchema = z.object({
  seq: z.int(),
  outcome: z.enum(['done', 'planned', 'failed']),
  /** As it was before; missing where there is none. */
  deadLetter: deadLetterSchema.optional(),
  /** The task that it became. */
  taskId: z.string().optional(),
  /** It had become this task before, under the same request id. */
  duplicate: z.boolean().optional(),
  problem: problemSchema.optional(),
})
export type DeadLetterResult = z.infer<typeof deadLetterResultSchema>
export const changeDeadLettersResponseSchema = z.object({
  /** In the order of `seqs`, or newest first. */
  results: z.array(deadLetterResultSchema),
  /** With a filter, when there are more. */
  nextCursor: z.string().optional(),
})
export type ChangeDeadLettersResponse = z.infer<typeof changeDeadLettersResponseSchema>

/** `dead-marks.<seq>`: that a letter was replayed, beside it in the same stream. */
export const deadLetterMarkSchema = z.object({
  v: z.literal(1),
  seq: z.int(),
  taskId: z.string(),
  requestId: z.string(),
  /** Of the letter: a stream that was made anew numbers others the same. */
  storedAtMs: z.number(),
})
export type DeadLetterMark = z.infer<typeof deadLetterMarkSchema>

export const deadLetterExample: DeadLetter = {
  seq: 3,
  agent: 'word-count',
  atMs: 1_790_000_060_000,
  bytes: 214,
  reason: 'the process that ran it ended under it, three times',
  code: 'POISON_MESSAGE',
  tenant: 'default',
  taskType: 'plan',
  taskId: 'kq3v9x',
  stepId: 'count',
  attempt: 3,
}
