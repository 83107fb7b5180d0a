import { z } from 'zod'
import { taskTypeSchema } from './identifiers.ts'

/** On `task-type-pauses.<name>`: whether tasks of a type, or of a template, take new steps. The last state of each is kept. */
export const taskTypePauseSchema = z.object({
  v: z.literal(1),
  /** A type of tasks (`report`, `plan`), or the name of a template, of whatever version. */
  name: taskTypeSchema,
  paused: z.boolean(),
  reason: z.string().max(1000).optional(),
  /** Since when. Unix milliseconds. */
  updatedAtMs: z.number(),
})
export type TaskTypePause = z.infer<typeof taskTypePauseSchema>

/** `murmur.task-types.set-pause` */
export const setTaskTypePauseRequestSchema = z.strictObject({
  name: taskTypeSchema,
  paused: z.boolean().describe('False: they go on.'),
  /** For those who look at it later. */
  reason: z.string().max(1000).optional(),
})
export type SetTaskTypePauseRequest = z.infer<typeof setTaskTypePauseRequestSchema>
export const setTaskTypePauseResponseSchema = z.object({ pause: taskTypePauseSchema })

/** `murmur.task-types.pauses` */
export const listTaskTypePausesRequestSchema = z.strictObject({})

/** A type that is paused. */
export const pausedTaskTypeSchema = z.object({
  name: z.string(),
  reason: z.string().optional(),
  sinceMs: z.number(),
  /** Steps that it holds back, of the partitions of the orchestrator that answers. */
  waiting: z.int(),
})
export type PausedTaskType = z.infer<typeof pausedTaskTypeSchema>
export const listTaskTypePausesResponseSchema = z.object({ paused: z.array(pausedTaskTypeSchema) })

export const taskTypePauseExample: TaskTypePause = {
  v: 1,
  name: 'report',
  paused: true,
  reason: 'the warehouse is moved',
  updatedAtMs: 1_790_000_000_000,
}
export const pausedTaskTypeExample: PausedTaskType = {
  name: 'report',
  reason: 'the warehouse is moved',
  sinceMs: 1_790_000_000_000,
  waiting: 12,
}
