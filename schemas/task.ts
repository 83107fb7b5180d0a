import { z } from 'zod'
import { handOnSchema, MAX_HAND_ONS } from './approval.ts'
import { jsonObjectSchema, jsonValueSchema } from './json.ts'
import { parentSchema } from './log-event.ts'
import { placementSchema } from './placement.ts'
import { planSchema, prioritySchema } from './plan.ts'
import { taskErrorSchema } from './problem.ts'
import { STEP_STATUSES, TASK_STATUSES } from './task-status.ts'

export { isTerminal, STEP_STATUSES, type StepStatus, TASK_STATUSES, type TaskStatus } from './task-status.ts'

export const taskStatusSchema = z.enum(TASK_STATUSES)

export const stepStatusSchema = z.enum(STEP_STATUSES)

/** One run on its way through its attempts: of a step itself, of an item, an iteration, a fallback or a compensation. Unix milliseconds. */
export const runStateSchema = z.object({
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
  error: taskErrorSchema.optional(),
})
export type RunState = z.infer<typeof runStateSchema>

/** How far a list is. Outputs of items that are done stand beside the state until all are. */
export const itemsStateSchema = z.object({
  total: z.int(),
  /** The first that has not begun. */
  next: z.int(),
  completed: z.int(),
  failed: z.int(),
})

/** The state of one step. Times are Unix milliseconds. */
export const stepStateSchema = runStateSchema.extend({
  output: jsonValueSchema.optional(),
  /** Runs that are open, by the name behind the dot of their id. */
  runs: z.record(z.string(), runStateSchema).optional(),
  /** Of a step with `forEach`, once its list is known. */
  items: itemsStateSchema.optional(),
  /** Of a step with `repeat`: the number of the iteration that runs or ran last, and the output of the one before. */
  iteration: z.int().optional(),
  previous: jsonValueSchema.optional(),
  /** When a sleep, a wait or an approval is over, whatever has come; and when its next escalation is due. */
  wakeAtMs: z.number().optional(),
  /** How many escalations of an approval there have been. */
  escalations: z.int().optional(),
  /** Whom its approval was handed on to, the last one at the end. */
  handedOn: z.array(handOnSchema).max(MAX_HAND_ONS).optional(),
  /** When it began to wait. */
  waitingSinceMs: z.number().optional(),
  /** Its fallback has begun. */
  fellBack: z.boolean().optional(),
  /** The output is that of the fallback; `error` stays that of the step itself. */
  viaFallback: z.boolean().optional(),
  /** Sequence number in the log of the event that it completed with: the order in which compensations go back. */
  completedSeq: z.int().optional(),
  /** What became of its compensation. */
  compensated: z.enum(['completed', 'failed']).optional(),
  compensationError: taskErrorSchema.optional(),
  /** In answers, never in the store: which instance got it, or the last of its runs, and why. */
  placement: placementSchema.optional(),
})
export type StepState = z.infer<typeof stepStateSchema>

/** A signal that nobody has taken yet. */
export const bufferedSignalSchema = z.object({
  name: z.string(),
  id: z.string(),
  payload: jsonValueSchema.optional(),
  atMs: z.number(),
})
export type BufferedSignal = z.infer<typeof bufferedSignalSchema>

/** An attempt that became a dead letter, by the event that made it one. */
export const buriedRunSchema = z.object({
  stepId: z.string(),
  attempt: z.int(),
  seq: z.int(),
  atMs: z.number(),
})
export type BuriedRun = z.infer<typeof buriedRunSchema>

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
  /** While it is paused: since when, and why. Unix milliseconds. */
  pausedAtMs: z.number().optional(),
  pauseReason: z.string().optional(),
  signals: z.array(bufferedSignalSchema).optional(),
  /** Ids of the last signals that came, so that one that comes twice is taken once. */
  seenSignals: z.array(z.string()).optional(),
  parent: parentSchema.optional(),
  retryOf: z.string().optional(),
  /** Its last dead letters, so that an owner that comes after knows which its predecessor may not have sent. Absent in tasks without any. */
  buried: z.array(buriedRunSchema).optional(),
  /** Nothing of it begins until it is released: submissions with its key are waited for, or the task that it replaces. */
  held: z.enum(['singleton', 'debounce']).optional(),
  /** The key that no other task may have while it is under way. */
  singletonKey: z.string().optional(),
  /** What it ends as when its compensations are over. */
  endsAs: z.object({ status: z.enum(['failed', 'cancelled']), error: taskErrorSchema }).optional(),
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
