import { z } from 'zod'
import { taskIdSchema, taskTypeSchema } from './identifiers.ts'
import { taskStateSchema, taskStatusSchema, taskSummarySchema } from './task.ts'

/** `murmur.tasks.get` */
export const getTaskRequestSchema = z.strictObject({ taskId: taskIdSchema })
export const getTaskResponseSchema = z.object({ task: taskStateSchema })

/** `murmur.tasks.list`: newest first. */
export const listTasksRequestSchema = z.strictObject({
  status: taskStatusSchema.optional(),
  type: taskTypeSchema.optional(),
  limit: z.int().min(1).max(500).default(50),
})
export type ListTasksRequest = z.infer<typeof listTasksRequestSchema>
export const listTasksResponseSchema = z.object({ tasks: z.array(taskSummarySchema) })

/** `murmur.tasks.cancel` */
export const cancelTaskRequestSchema = z.strictObject({
  taskId: taskIdSchema,
  reason: z.string().max(1000).optional(),
})
export const cancelTaskResponseSchema = z.object({ taskId: z.string(), accepted: z.literal(true) })
