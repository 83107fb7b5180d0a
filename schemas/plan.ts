import { z } from 'zod'
import { capabilitiesSchema } from './agent.ts'
import { agentReferenceSchema, stepIdSchema } from './identifiers.ts'
import { jsonValueSchema } from './json.ts'
import { LIMITS } from './limits.ts'

/** When and how often a step is tried again. Delay before attempt n+1: initialDelayMs · factor^(n-1), at most maxDelayMs, ± 20 %. */
export const retryPolicySchema = z.strictObject({
  maxAttempts: z.int().min(1).max(100).optional(),
  initialDelayMs: z.int().min(0).max(3_600_000).optional(),
  maxDelayMs: z.int().min(0).max(86_400_000).optional(),
  factor: z.number().min(1).max(10).optional(),
})
export type RetryPolicy = z.infer<typeof retryPolicySchema>

/** 0 critical, 1 high, 2 normal, 3 low: the lower number is taken first, and none is ever starved. */
export const prioritySchema = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)])
export type Priority = z.infer<typeof prioritySchema>
export const PRIORITY_NAMES = ['critical', 'high', 'normal', 'low'] as const
/** Of a task that says none: normal. */
export const DEFAULT_PRIORITY: Priority = 2

/**
 * One step: which agent gets which input, after which other steps.
 *
 * `input` is any JSON. An object `{ "$from": "PATH" }` anywhere in it is replaced when the step is dispatched:
 * `input`, `input.a.b`, `steps.ID.output`, `steps.ID.output.a.0.b`, `steps.ID.error`; the step ID has to be under `needs`.
 */
export const stepSchema = z.strictObject({
  id: stepIdSchema,
  /** A type; `type@range` is the same as the type and a `version`, and is kept so. */
  agent: agentReferenceSchema,
  /** Only instances of such versions get it, as npm writes ranges: `^2`, `1.x`, `>=1.4 <2`. */
  version: z.string().min(1).max(128).optional(),
  /** Only instances with all of these capabilities get it: `["gpu"]`. */
  requires: capabilitiesSchema.optional(),
  needs: z.array(stepIdSchema).max(LIMITS.planSteps).optional(),
  input: jsonValueSchema.optional(),
  retry: retryPolicySchema.optional(),
  /** For one attempt, from the moment an agent has it. Milliseconds. */
  timeoutMs: z.int().min(1).max(LIMITS.stepTimeoutMs).optional(),
  /** How long the step may wait for a free agent before it fails with QUEUE_TIMEOUT. By default as long as the task may take. Milliseconds. */
  queueTimeoutMs: z.int().min(0).max(LIMITS.stepTimeoutMs).optional(),
  /** `fail` (default): the task fails with this step. `continue`: steps that need it run without its output. */
  onFailure: z.enum(['fail', 'continue']).optional(),
})
export type Step = z.infer<typeof stepSchema>

export const planSchema = z.strictObject({
  steps: z.array(stepSchema).min(1),
  /** Template of the task's output, with `$from` references. Without it: the outputs of the steps nobody needs, by step id. */
  output: jsonValueSchema.optional(),
})
export type Plan = z.infer<typeof planSchema>

export const planExample: Plan = {
  steps: [
    { id: 'fetch', agent: 'api-caller', input: { url: 'https://example.org/rates.json' } },
    { id: 'read', agent: 'ingest', input: { name: 'notes.txt', text: 'Sales rose by 4 % in May.' } },
    {
      id: 'count',
      agent: 'word-count',
      needs: ['fetch', 'read'],
      input: { text: { $from: 'steps.read.output.text.content' } },
      retry: { maxAttempts: 5 },
      timeoutMs: 10_000,
    },
  ],
}
