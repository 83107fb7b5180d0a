import { z } from 'zod'
import { capabilitiesSchema } from './agent.ts'
import { agentTypeSchema, instanceIdSchema, runIdSchema, taskIdSchema, tenantSchema } from './identifiers.ts'
import { jsonValueSchema } from './json.ts'
import { LIMITS } from './limits.ts'
import { prioritySchema } from './plan.ts'
import { taskErrorSchema } from './problem.ts'

const stepTokenSchema = z.string().min(1).max(128)

/** What an agent takes from the queue `steps.<agent>.any.<priority>`: one attempt of one step. */
export const stepMessageSchema = z.object({
  v: z.literal(1),
  taskId: taskIdSchema,
  taskType: z.string(),
  tenant: tenantSchema,
  stepId: runIdSchema,
  agent: agentTypeSchema,
  attempt: z.int().min(1),
  /** Subject that the result is published on, with message id `<taskId>:<stepId>:<attempt>:result:<instance>:<startedAtMs>`. */
  reply: z.string().min(1).max(256),
  /** Give up on this attempt after so many milliseconds from its start; the orchestrator does. */
  timeoutMs: z.int().min(1),
  /** After this it must not be started any more. Unix milliseconds by the broker's clock. */
  expiresAtMs: z.number().optional(),
  /** When the task ends at the latest. Unix milliseconds by the broker's clock. */
  deadlineAtMs: z.number().optional(),
  /** Outputs larger than this belong into the object store. Bytes. */
  inlineOutputBytes: z.int().min(0).optional(),
  /** An earlier attempt took its process down: to be run while nothing else is in hand. */
  alone: z.boolean().optional(),
  /** How often it was taken from the queue of an instance that died, stopped or hung: each may have been a delivery. */
  handedBack: z.int().min(0).optional(),
  /** What its instance has to be, where not any will do: a range of versions, capabilities. */
  version: z.string().min(1).max(128).optional(),
  requires: capabilitiesSchema.optional(),
  /** Of its task, where it is not the default. */
  priority: prioritySchema.optional(),
  /** Says that this attempt was handed out: it goes into the result, and into what is asked of objects. */
  token: stepTokenSchema.optional(),
  /** Orchestrators read batches: its result may travel in one message with others. Without it, alone. */
  resultBatches: z.boolean().optional(),
  /** `input` is encrypted: a text, `<key>.<base64url>` (docs/agent-protocol.md). */
  sealed: z.literal(true).optional(),
  input: jsonValueSchema,
})
export type StepMessage = z.infer<typeof stepMessageSchema>

/** How an attempt ended. `retry`: may work another time. `fail`: will never work with this input. */
export const stepOutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done'), output: jsonValueSchema }),
  z.object({
    kind: z.literal('retry'),
    error: taskErrorSchema,
    afterMs: z.int().min(0).max(86_400_000).optional(),
  }),
  z.object({ kind: z.literal('fail'), error: taskErrorSchema }),
])
export type StepOutcome = z.infer<typeof stepOutcomeSchema>

/** What an agent publishes on the reply subject. */
export const stepResultSchema = z.object({
  v: z.literal(1),
  taskId: taskIdSchema,
  stepId: runIdSchema,
  attempt: z.int().min(1),
  instance: instanceIdSchema,
  /** Unix time in milliseconds by the agent's clock. */
  startedAtMs: z.number(),
  finishedAtMs: z.number(),
  outcome: stepOutcomeSchema,
  /** What stood in the step, when something did: without it the result does not count. */
  token: stepTokenSchema.optional(),
  /** W3C trace context of the span that sends it, where that is recorded: what an orchestrator does with it becomes its child. */
  traceparent: z.string().max(512).optional(),
})
export type StepResult = z.infer<typeof stepResultSchema>

/**
 * Results of several tasks as one message, on the subject that each of them would have alone: of steps that have `resultBatches`. One
 * of a task at most. On the wire each result stands on a line of its own (`result-batch.ts`).
 */
export const stepResultBatchSchema = z.object({
  v: z.literal(2),
  results: z.array(stepResultSchema).min(1).max(LIMITS.resultBatchCount),
})
export type StepResultBatch = z.infer<typeof stepResultBatchSchema>

export const stepMessageExample: StepMessage = {
  v: 1,
  taskId: 'kq3v9x',
  taskType: 'plan',
  tenant: 'default',
  stepId: 'count',
  agent: 'word-count',
  attempt: 1,
  reply: 'log.7.result.word-count',
  timeoutMs: 10_000,
  expiresAtMs: 1_790_000_900_000,
  deadlineAtMs: 1_790_000_900_000,
  inlineOutputBytes: 16_384,
  input: { text: 'Sales rose by 4 % in May.' },
}

export const stepResultExample: StepResult = {
  v: 1,
  taskId: 'kq3v9x',
  stepId: 'count',
  attempt: 1,
  instance: 'word-count-4f1a',
  startedAtMs: 1_790_000_000_000,
  finishedAtMs: 1_790_000_000_012,
  outcome: { kind: 'done', output: { words: 7 } },
}

/** Attempts that one request speaks of, at most. */
export const MAX_STEPS_A_REQUEST = 256

const attemptSchema = z.object({ taskId: taskIdSchema, stepId: runIdSchema, attempt: z.int().min(1) })

/**
 * `murmur.steps.start.<agent>`: an instance asks whether it may run attempts that it has taken. It has to ask before it starts
 * one that came again (deliveries above 1), that waited for more than 5 seconds, or that is to be run alone; and once about
 * every one that has been running for a second, which tells the orchestrator that it runs.
 */
export const startStepsRequestSchema = z.object({
  instance: instanceIdSchema,
  /** When the process of the instance began, by its own clock. Unix milliseconds. */
  bornAtMs: z.number(),
  steps: z
    .array(
      attemptSchema.extend({
        /** How often the broker has handed it out. */
        deliveries: z.int().min(1),
        /** The instance has nothing else in hand, and takes nothing until this has ended. */
        alone: z.boolean(),
        /** It runs already. */
        running: z.boolean(),
      }),
    )
    .min(1)
    .max(MAX_STEPS_A_REQUEST),
})
export type StartStepsRequest = z.infer<typeof startStepsRequestSchema>

/**
 * `run`: go on. `drop`: settle it without a result, it is over: its task has ended, another attempt has taken its place, its time
 * in the queue is up, or it has taken down the process that ran it.
 */
export const startVerdictSchema = z.object({
  verdict: z.enum(['run', 'drop']),
  reason: z.enum(['unknown-task', 'task-finished', 'superseded', 'expired', 'crashed']).optional(),
})
export type StartVerdict = z.infer<typeof startVerdictSchema>

/** One verdict a step, in the order of the request. */
export const startStepsResponseSchema = z.object({
  verdicts: z.array(startVerdictSchema),
  /** The broker's clock as the orchestrator knows it. Unix milliseconds. */
  brokerNowMs: z.number(),
})
export type StartStepsResponse = z.infer<typeof startStepsResponseSchema>

/** `murmur.steps.release.<agent>`: an instance that stops hands attempts back, before it returns their messages to the queue. */
export const releaseStepsRequestSchema = z.object({
  instance: instanceIdSchema,
  steps: z.array(attemptSchema).min(1).max(MAX_STEPS_A_REQUEST),
})
export type ReleaseStepsRequest = z.infer<typeof releaseStepsRequestSchema>
export const releaseStepsResponseSchema = z.object({ ok: z.literal(true) })

export const startStepsRequestExample: StartStepsRequest = {
  instance: 'word-count-4f1a',
  bornAtMs: 1_790_000_000_000,
  steps: [{ taskId: 'kq3v9x', stepId: 'count', attempt: 1, deliveries: 2, alone: true, running: false }],
}
export const startStepsResponseExample: StartStepsResponse = {
  verdicts: [{ verdict: 'run' }],
  brokerNowMs: 1_790_000_004_012,
}
