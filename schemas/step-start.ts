import { z } from 'zod'
import { instanceIdSchema, stepIdSchema, taskIdSchema } from './identifiers.ts'

/** Attempts that one request speaks of, at most. */
export const MAX_STEPS_A_REQUEST = 256

const attemptSchema = z.object({ taskId: taskIdSchema, stepId: stepIdSchema, attempt: z.int().min(1) })

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
