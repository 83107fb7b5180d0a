import { z } from 'zod'
import { taskIdSchema, taskTypeSchema } from './identifiers.ts'
import { labelsSchema } from './submission.ts'
import { taskStateSchema, taskStatusSchema, taskSummarySchema } from './task.ts'

/** `murmur.tasks.get` */
export const getTaskRequestSchema = z.strictObject({ taskId: taskIdSchema })
export const getTaskResponseSchema = z.object({ task: taskStateSchema })

/** `murmur.tasks.list`: newest first. All that is given must be true of a task. */
export const listTasksRequestSchema = z.strictObject({
  status: taskStatusSchema.optional(),
  type: taskTypeSchema.optional(),
  /** Labels that it has, with these values. */
  labels: labelsSchema.optional(),
  /** Created at this time or later, Unix milliseconds. */
  createdFromMs: z.int().min(0).optional(),
  /** Created before this time, Unix milliseconds. */
  createdBeforeMs: z.int().min(0).optional(),
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
})
export type ListTasksResponse = z.infer<typeof listTasksResponseSchema>

/** `murmur.tasks.cancel` */
export const cancelTaskRequestSchema = z.strictObject({
  taskId: taskIdSchema,
  reason: z.string().max(1000).optional(),
})
export const cancelTaskResponseSchema = z.object({ taskId: z.string(), accepted: z.literal(true) })
