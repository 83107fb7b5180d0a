import { z } from 'zod'
import { taskIdSchema } from './identifiers.ts'
import { problemSchema } from './problem.ts'
import { taskStateSchema } from './task.ts'
import { taskEventSchema } from './task-event.ts'

/** `murmur.tasks.watch`: answered with many messages to the reply subject, the last of them `end` or a problem. */
export const watchTaskRequestSchema = z.strictObject({
  taskId: taskIdSchema,
  /** What was seen last: what came since is told, or a snapshot where that is not kept any more. */
  afterRev: z.int().min(0).optional(),
  /** The watch ends after this; asked again with `afterRev`, it goes on where it was. Milliseconds. */
  forMs: z.int().min(100).max(3_600_000).default(60_000),
})
export type WatchTaskRequest = z.input<typeof watchTaskRequestSchema>

export const watchTaskItemSchema = z.union([
  z.object({ kind: z.literal('snapshot'), task: taskStateSchema }),
  z.object({ kind: z.literal('event'), event: taskEventSchema }),
  /** Nothing happened for a while: the watch lives. */
  z.object({ kind: z.literal('idle') }),
  /** `isFinal`: the task is over. Otherwise the time was up: ask again with `afterRev`. */
  z.object({ kind: z.literal('end'), rev: z.int(), isFinal: z.boolean() }),
  z.object({ problem: problemSchema }),
])
export type WatchTaskItem = z.infer<typeof watchTaskItemSchema>
