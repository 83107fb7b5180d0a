import { z } from 'zod'
import { jsonObjectSchema, jsonValueSchema } from './json.ts'
import { planSchema, prioritySchema } from './plan.ts'
import { taskErrorSchema } from './problem.ts'

/** scheduled → running → completed | failed | cancelled. docs/state-machine.md has the picture. */
export const TASK_STATUSES = ['scheduled', 'running', 'completed', 'failed', 'cancelled'] as const
export const taskStatusSchema = z.enum(TASK_STATUSES)
export type TaskStatus = z.infer<typeof taskStatusSchema>

/** waiting → dispatched ⇄ backoff → completed | failed; skipped and cancelled when the task ends without it. */
export const STEP_STATUSES = [
  'waiting',
  'dispatched',
  'backoff',
  'completed',
  'failed',
  'skipped',
  'cancelled',
] as const
export const stepStatusSchema = z.enum(STEP_STATUSES)
export type StepStatus = z.infer<typeof stepStatusSchema>

/** The state of one step. Times are Unix milliseconds. */
export const stepStateSchema = z.object({
  status: stepStatusSchema,
  /** The current or last attempt; 0 before the first. */
  attempt: z.int(),
  /** When the current attempt was put on the queue. */
  dispatchedAtMs: z.number().optional(),
  /** Until when the current attempt may wait for an agent. */
  expiresAtMs: z.number().optional(),
  /** When the current attempt times out: known once its start was told, which ends its time in the queue. */
  timeoutAtMs: z.number().optional(),
  /** Who was last heard to run the current attempt, and since when by the broker's clock. */
  run: z
    .object({ instance: z.string(), bornAtMs: z.number(), alone: z.boolean(), sinceMs: z.number() })
    .optional(),
  /** Attempts that are known to have taken their process down: from the first on, the step is run alone. */
  crashes: z.int().optional(),
  /** When the next attempt is due. */
  retryAtMs: z.number().optional(),
  /** When an agent began and ended the last attempt, by the agent's clock. */
  startedAtMs: z.number().optional(),
  finishedAtMs: z.number().optional(),
  instance: z.string().optional(),
  output: jsonValueSchema.optional(),
  error: taskErrorSchema.optional(),
})
export type StepState = z.infer<typeof stepStateSchema>

/** The state of a task: the fold of its events, as it stands in Redis. */
export const taskStateSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  tenant: z.string(),
  type: z.string(),
  status: taskStatusSchema,
  /** Counts the changes that watchers are told of; live events carry it, so that a watcher knows whether it missed one. */
  rev: z.int(),
  /** Sequence number in the log of the event that changed it last. Starts and releases of attempts, which nothing follows from, do not count. */
  seq: z.int(),
  priority: prioritySchema,
  bodyHash: z.string(),
  labels: z.record(z.string(), z.string()).optional(),
  traceparent: z.string().optional(),
  createdAtMs: z.number(),
  /** When the first step may be dispatched. */
  startAtMs: z.number(),
  deadlineAtMs: z.number(),
  finishedAtMs: z.number().optional(),
  /** How long it can be read once it has ended; absent in tasks of earlier versions. Milliseconds. */
  keepFinishedMs: z.number().optional(),
  input: jsonObjectSchema,
  plan: planSchema,
  /** The version of a plan template that the plan came from: `count-notes@2`. The plan is the task's own. */
  template: z.string().optional(),
  steps: z.record(z.string(), stepStateSchema),
  output: jsonValueSchema.optional(),
  error: taskErrorSchema.optional(),
})
export type TaskState = z.infer<typeof taskStateSchema>

/** One line of a list. */
export const taskSummarySchema = taskStateSchema
  .pick({
    id: true,
    tenant: true,
    type: true,
    status: true,
    labels: true,
    createdAtMs: true,
    finishedAtMs: true,
    error: true,
  })
  .extend({ steps: z.object({ total: z.int(), completed: z.int(), failed: z.int() }) })
export type TaskSummary = z.infer<typeof taskSummarySchema>

export function isTerminal(status: TaskStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
