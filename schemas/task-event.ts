import { z } from 'zod'
import { taskErrorSchema } from './problem.ts'

/** What a watcher can see happen. The kind is the last token of `tasks.events.<type>.<taskId>.<kind>`. */
export const TASK_EVENT_KINDS = [
  'accepted',
  'step-completed',
  'step-retrying',
  'step-failed',
  'step-waiting',
  'step-skipped',
  'progress',
  'paused',
  'resumed',
  'compensating',
  'completed',
  'failed',
  'cancelled',
] as const
export const taskEventSchema = z.object({
  v: z.literal(1),
  kind: z.enum(TASK_EVENT_KINDS),
  taskId: z.string(),
  type: z.string(),
  /** Revision of the task after this event. Progress events have none: they come straight from the agent. */
  rev: z.int().optional(),
  atMs: z.number(),
  stepId: z.string().optional(),
  attempt: z.int().optional(),
  /** Steps that were put on their queues with this event. */
  dispatched: z.array(z.string()).optional(),
  /** With `completed`, `failed` and `cancelled`: from when the first step might be dispatched to the end. Milliseconds. */
  durationMs: z.number().optional(),
  /** Progress: 0 to 1. */
  fraction: z.number().optional(),
  note: z.string().optional(),
  error: taskErrorSchema.optional(),
})
export type TaskEvent = z.infer<typeof taskEventSchema>
export type TaskEventKind = TaskEvent['kind']

export const taskEventExample: TaskEvent = {
  v: 1,
  kind: 'step-completed',
  taskId: 'kq3v9x',
  type: 'plan',
  rev: 3,
  atMs: 1_790_000_000_020,
  stepId: 'read',
  attempt: 1,
  dispatched: ['count'],
}
