import { z } from 'zod'

export { formatLabelFilter, parseLabelFilter } from './label-filter.ts'

import { taskIdSchema, taskTypeSchema } from './identifiers.ts'
import { LIMITS } from './limits.ts'
import { problemSchema } from './problem.ts'
import { watchedChunksSchema } from './step-chunks.ts'
import { labelsSchema } from './submission.ts'
import { taskStateSchema, taskStatusSchema, taskSummarySchema } from './task.ts'
import { taskEventSchema } from './task-event.ts'

/** `murmur.tasks.get` */
export const getTaskRequestSchema = z.strictObject({ taskId: taskIdSchema })
export const getTaskResponseSchema = z.object({ task: taskStateSchema })

/** Lists begin at either end. */
export const LIST_ORDERS = ['newest', 'oldest'] as const
export type ListOrder = (typeof LIST_ORDERS)[number]

/** `murmur.tasks.list`: newest first unless the other order is asked for. All that is given must be true of a task. */
export const listTasksRequestSchema = z.strictObject({
  status: taskStatusSchema.optional(),
  type: taskTypeSchema.optional(),
  /** Labels that it has, with these values. */
  labels: labelsSchema.optional(),
  /** In whose id, type, status, labels or error this stands; upper and lower case are the same. */
  text: z.string().trim().min(1).max(LIMITS.searchChars).optional(),
  /** Created at this time or later, Unix milliseconds. */
  createdFromMs: z.int().min(0).optional(),
  /** Created before this time, Unix milliseconds. */
  createdBeforeMs: z.int().min(0).optional(),
  /** Which come first: `newest` unless given. */
  order: z.enum(LIST_ORDERS).optional(),
  limit: z.int().min(1).max(500).default(50),
  /** Where the last page ended: its `nextCursor`. The other fields are to be the same as there. */
  cursor: z.string().min(1).max(256).optional(),
})
export type ListTasksRequest = z.infer<typeof listTasksRequestSchema>
export const listTasksResponseSchema = z.object({
  /** May be fewer than the limit, or none, though there are more: go by the cursor. */
  tasks: z.array(taskSummarySchema),
  /** For the next page; missing on the last one. */
  nextCursor: z.string().optional(),
  /** With `text`, where there are more pages: all created later than this (from the oldest: earlier) were looked at. Unix milliseconds. */
  searchedToMs: z.number().optional(),
})
export type ListTasksResponse = z.infer<typeof listTasksResponseSchema>

/** `murmur.tasks.cancel` */
export const cancelTaskRequestSchema = z.strictObject({
  taskId: taskIdSchema,
  reason: z.string().max(1000).optional(),
})
export const cancelTaskResponseSchema = z.object({ taskId: z.string(), accepted: z.literal(true) })

/** `murmur.tasks.watch`: answered with many messages to the reply subject, the last of them `end` or a problem. */
export const watchTaskRequestSchema = z.strictObject({
  taskId: taskIdSchema,
  /** What was seen last: what came since is told, or a snapshot where that is not kept any more. */
  afterRev: z.int().min(0).optional(),
  /** The watch ends after this; asked again with `afterRev`, it goes on where it was. Milliseconds. */
  forMs: z.int().min(100).max(3_600_000).default(60_000),
  /** Told what its steps emit while they run, too. */
  chunks: z.boolean().default(true),
})
export type WatchTaskRequest = z.input<typeof watchTaskRequestSchema>

export const watchTaskItemSchema = z.union([
  z.object({ kind: z.literal('snapshot'), task: taskStateSchema }),
  z.object({ kind: z.literal('event'), event: taskEventSchema }),
  /** What a step emits while it runs: from the start of its run, as far as that is kept. */
  z.object({ kind: z.literal('chunks'), chunks: watchedChunksSchema }),
  /** Nothing happened for a while: the watch lives. */
  z.object({ kind: z.literal('idle') }),
  /** `isFinal`: the task is over. Otherwise the time was up: ask again with `afterRev`. */
  z.object({ kind: z.literal('end'), rev: z.int(), isFinal: z.boolean() }),
  z.object({ problem: problemSchema }),
])
export type WatchTaskItem = z.infer<typeof watchTaskItemSchema>
