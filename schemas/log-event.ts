import { z } from 'zod'
import { handOnSchema } from './approval.ts'
import { instanceIdSchema, runIdSchema, stepIdSchema, taskIdSchema, tenantSchema } from './identifiers.ts'
import { jsonObjectSchema, jsonValueSchema } from './json.ts'
import { planSchema, prioritySchema } from './plan.ts'
import { signalNameSchema } from './step-kinds.ts'
import { type StepResult, stepResultSchema } from './step-message.ts'

/**
 * The messages of the LOG stream: everything that ever happens to a task, in the order in which it counts.
 * Kinds are the last token of the subject `log.<partition>.<kind>`.
 */
export const LOG_KINDS = ['accepted', 'started', 'released', 'result', 'control', 'timer'] as const
export type LogKind = (typeof LOG_KINDS)[number]

/** The step of another task that waits for this one. */
export const parentSchema = z.object({
  taskId: taskIdSchema,
  /** The run of the step, and its attempt. */
  stepId: runIdSchema,
  attempt: z.int().min(1),
  /** 1 for a child of a task that nobody waits for. */
  depth: z.int().min(1),
})
export type Parent = z.infer<typeof parentSchema>

/**
 * `accepted`: a submission that passed every check, with the plan made from it.
 * Version 2 has a plan that is not basic (`isBasicPlan`), a parent, earlier results, or is held: an orchestrator of before does not go
 * past it.
 */
export const taskAcceptedSchema = z.object({
  v: z.union([z.literal(1), z.literal(2)]),
  taskId: taskIdSchema,
  tenant: tenantSchema,
  type: z.string(),
  priority: prioritySchema,
  /** SHA-256 of the submission without its key: tells a repeated submission from another one under the same key. */
  bodyHash: z.string(),
  input: jsonObjectSchema,
  plan: planSchema,
  /** The version of a plan template that the plan comes from: `count-notes@2`. */
  template: z.string().optional(),
  deadlineMs: z.int(),
  delayMs: z.int(),
  /** How long it is kept once it has ended: as it was set when the task came, so that a replay forgets it at the same time. */
  keepFinishedMs: z.int().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  parent: parentSchema.optional(),
  /** Outputs of steps that an earlier task had completed, by step id: they are completed from the start. */
  results: z.record(stepIdSchema, jsonValueSchema).optional(),
  /** The task whose failed or chosen steps this one runs again. */
  retryOf: taskIdSchema.optional(),
  /** By which key of submissions it came: nothing of it begins until it is released. */
  held: z.enum(['singleton', 'debounce']).optional(),
  /** The key that no other task may have while it is under way. */
  singletonKey: z.string().optional(),
  /** W3C trace context of whoever submitted. */
  traceparent: z.string().optional(),
})
export type TaskAccepted = z.infer<typeof taskAcceptedSchema>

const stepAttemptSchema = z.object({
  v: z.literal(1),
  taskId: taskIdSchema,
  stepId: runIdSchema,
  attempt: z.int().min(1),
  instance: instanceIdSchema,
})

/**
 * `started`: an instance runs this attempt. Written for those that take long, and for those that an instance had before
 * and that came again: most attempts end without.
 */
export const stepStartedSchema = stepAttemptSchema.extend({
  /** When the process of the instance began, by its own clock: tells it from an earlier one of the same name. */
  bornAtMs: z.number(),
  /** The instance has nothing else in hand. */
  alone: z.boolean(),
})
export type StepStarted = z.infer<typeof stepStartedSchema>

/** `released`: an instance hands this attempt back unfinished and in order, because it stops. */
export const stepReleasedSchema = stepAttemptSchema
export type StepReleased = z.infer<typeof stepReleasedSchema>

const controlOf = <Version extends 1 | 2, Action extends string>(v: Version, action: Action) =>
  z.object({ v: z.literal(v), taskId: taskIdSchema, action: z.literal(action) })
const reasonSchema = z.string().max(1000).optional()

/** `control`: somebody wants something of a running task. */
export const taskControlSchema = z.discriminatedUnion('action', [
  controlOf(1, 'cancel').extend({ reason: reasonSchema }),
  /** Attempts that are out run to their end; nothing new begins, and the task's deadline stands still. */
  controlOf(2, 'pause').extend({ reason: reasonSchema }),
  controlOf(2, 'resume'),
  /** `id`: chosen by the sender; a second one of the same id is the same signal. */
  controlOf(2, 'signal').extend({
    name: signalNameSchema,
    id: z.string().min(1).max(128),
    payload: jsonValueSchema.optional(),
  }),
  /** `attempt`: of the step that asks, so that an answer to an earlier question does not answer a later one. */
  controlOf(2, 'approval').extend({
    stepId: stepIdSchema,
    attempt: z.int().min(1),
    decision: z.enum(['approved', 'rejected']),
    by: z.string().min(1).max(200),
    values: z.record(z.string(), jsonValueSchema).optional(),
    subject: jsonValueSchema.optional(),
    comment: z.string().max(4000).optional(),
  }),
  /** The question of a step is for others from now on. */
  controlOf(2, 'hand-on').extend({
    stepId: stepIdSchema,
    attempt: z.int().min(1),
    ...handOnSchema.pick({ to: true, keep: true, by: true, reason: true }).shape,
  }),
  /** A task that is held may begin: as it was accepted, or as a later submission says. */
  controlOf(2, 'release').extend({
    task: taskAcceptedSchema
      .pick({ priority: true, input: true, plan: true, template: true, deadlineMs: true, labels: true })
      .optional(),
  }),
])
export type TaskControl = z.infer<typeof taskControlSchema>

/** `timer`: the moment `dueMs` (Unix, milliseconds) of the task has come. */
export const timerFiredSchema = z.object({ v: z.literal(1), taskId: taskIdSchema, dueMs: z.number() })
export type TimerFired = z.infer<typeof timerFiredSchema>

/**
 * An event as the fold sees it. `atMs` is the broker's time of the message, `seq` its sequence number in the log and `bytes`
 * the size of its body: replaying gives the same ones again.
 */
export type LogEvent = { atMs: number; seq: number; bytes?: number } & (
  | { kind: 'accepted'; body: TaskAccepted }
  | { kind: 'started'; body: StepStarted }
  | { kind: 'released'; body: StepReleased }
  /** `agent`: the type that the server let write it; absent in logs of earlier versions. */
  | { kind: 'result'; body: StepResult; agent?: string }
  | { kind: 'control'; body: TaskControl }
  | { kind: 'timer'; body: TimerFired }
)

/** The schema of each kind's body. */
export const logEventSchemas = {
  accepted: taskAcceptedSchema,
  started: stepStartedSchema,
  released: stepReleasedSchema,
  result: stepResultSchema,
  control: taskControlSchema,
  timer: timerFiredSchema,
} as const

export const taskAcceptedExample: TaskAccepted = {
  v: 1,
  taskId: 'kq3v9x',
  tenant: 'default',
  type: 'plan',
  priority: 1,
  bodyHash: '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
  input: {},
  plan: { steps: [{ id: 'count', agent: 'word-count', input: { text: 'one two' } }] },
  deadlineMs: 900_000,
  delayMs: 0,
}
