import { z } from 'zod'
import { agentTypeSchema } from './identifiers.ts'
import { jsonValueSchema } from './json.ts'

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
  /** The step that it is about, as far as it can be read. */
  taskId: z.string().optional(),
  stepId: z.string().optional(),
  attempt: z.int().optional(),
})
export type DeadLetter = z.infer<typeof deadLetterSchema>

/** `murmur.dead-letters.list`: newest first. */
export const listDeadLettersRequestSchema = z.strictObject({
  agent: agentTypeSchema.optional(),
  limit: z.int().min(1).max(200).default(50),
  /** Where the last page ended: its `nextCursor`. */
  cursor: z
    .string()
    .regex(/^\d{1,16}$/, { error: 'must be the nextCursor of an earlier answer' })
    .optional(),
})
export type ListDeadLettersRequest = z.infer<typeof listDeadLettersRequestSchema>
export const listDeadLettersResponseSchema = z.object({
  deadLetters: z.array(deadLetterSchema),
  nextCursor: z.string().optional(),
})
export type ListDeadLettersResponse = z.infer<typeof listDeadLettersResponseSchema>

/** `murmur.dead-letters.get` */
export const getDeadLetterRequestSchema = z.strictObject({ seq: z.int().min(1) })
export const getDeadLetterResponseSchema = z.object({
  deadLetter: deadLetterSchema,
  /** What the message holds, where it is JSON; else its first characters as text. */
  content: jsonValueSchema,
})
export type GetDeadLetterResponse = z.infer<typeof getDeadLetterResponseSchema>

export const deadLetterExample: DeadLetter = {
  seq: 3,
  agent: 'word-count',
  atMs: 1_790_000_060_000,
  bytes: 214,
  taskId: 'kq3v9x',
  stepId: 'count',
  attempt: 3,
}
