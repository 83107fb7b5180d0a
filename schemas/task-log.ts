import { z } from 'zod'
import { taskIdSchema } from './identifiers.ts'
import { jsonObjectSchema } from './json.ts'
import { LOG_KINDS } from './log-event.ts'

/** Events that one answer has, at most. */
export const MAX_LOG_PAGE = 500

/** `murmur.tasks.log`: what happened to a task, as the log has it, oldest first. */
export const getTaskLogRequestSchema = z.strictObject({
  taskId: taskIdSchema,
  /** Only what came behind this place in the log: `nextSeq` of the last page. */
  afterSeq: z.int().min(0).optional(),
  limit: z.int().min(1).max(MAX_LOG_PAGE).default(MAX_LOG_PAGE),
})
export type GetTaskLogRequest = z.infer<typeof getTaskLogRequestSchema>

/** An event of the log (docs/state-machine.md), as it counted: without the tokens that prove who may write results. */
export const taskLogEventSchema = z.object({
  kind: z.enum(LOG_KINDS),
  /** The broker's time of the message. Unix milliseconds. */
  atMs: z.number(),
  /** Its place in the log. */
  seq: z.int(),
  /** Of its body. */
  bytes: z.int().optional(),
  /** Of a result: the type that wrote it. */
  agent: z.string().optional(),
  body: jsonObjectSchema,
})
export type TaskLogEvent = z.infer<typeof taskLogEventSchema>

export const getTaskLogResponseSchema = z.object({
  events: z.array(taskLogEventSchema),
  /** Where the next page begins; missing: these were the last ones so far. */
  nextSeq: z.int().optional(),
  /** The log has it from its acceptance on. False: what came first lies in the archive only. */
  isWhole: z.boolean(),
})
export type GetTaskLogResponse = z.infer<typeof getTaskLogResponseSchema>

export const taskLogEventExample: TaskLogEvent = {
  kind: 'result',
  atMs: 1_790_000_000_020,
  seq: 4711,
  bytes: 210,
  agent: 'word-count',
  body: {
    v: 1,
    taskId: 'kq3v9x',
    stepId: 'count',
    attempt: 1,
    instance: 'word-count-4f1a',
    startedAtMs: 1_790_000_000_000,
    finishedAtMs: 1_790_000_000_015,
    outcome: { kind: 'done', output: { words: 7 } },
  },
}
