import { z } from 'zod'
import { agentTypeSchema, instanceIdSchema, stepIdSchema, taskIdSchema, tenantSchema } from './identifiers.ts'
import { jsonValueSchema } from './json.ts'
import { taskErrorSchema } from './problem.ts'

/** What an agent takes from the queue `steps.<agent>.any.<priority>`: one attempt of one step. */
export const stepMessageSchema = z.object({
  v: z.literal(1),
  taskId: taskIdSchema,
  taskType: z.string(),
  tenant: tenantSchema,
  stepId: stepIdSchema,
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
  stepId: stepIdSchema,
  attempt: z.int().min(1),
  instance: instanceIdSchema,
  /** Unix time in milliseconds by the agent's clock. */
  startedAtMs: z.number(),
  finishedAtMs: z.number(),
  outcome: stepOutcomeSchema,
})
export type StepResult = z.infer<typeof stepResultSchema>

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
