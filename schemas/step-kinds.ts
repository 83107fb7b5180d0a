import { z } from 'zod'
import { agentTypeSchema, taskTypeSchema } from './identifiers.ts'
import { jsonObjectSchema, jsonValueSchema } from './json.ts'
import { LIMITS } from './limits.ts'
import { retryPolicySchema } from './retry-policy.ts'

/** An expression of docs/expressions.md. Its length and meaning are checked where the plan is. */
export const expressionSchema = z.string().min(1).max(LIMITS.expressionChars)

/** Runs the agent or the child task of the step once for each item of a list. The output is the list of outputs, in order. */
export const forEachSchema = z.strictObject({
  /** The list: an array, or a template that comes to one (`{ "$from": "steps.list.output.files" }`). */
  items: jsonValueSchema,
  /** How many run at the same time, at most. */
  concurrency: z.int().min(1).max(1000).optional(),
  /** `fail` (default): the first item that fails ends the step. `continue`: its place in the output is `{ "error": … }`. */
  onItemFailure: z.enum(['fail', 'continue']).optional(),
})
export type ForEach = z.infer<typeof forEachSchema>

/** Runs the agent or the child task of the step again and again until a condition holds. The output is that of the last run. */
export const repeatSchema = z.strictObject({
  /** Over `output` (of the run that has just ended), `iteration` (1, 2 …), `input` and `steps`. */
  until: expressionSchema,
  /** The step fails with REPEAT_EXHAUSTED when the condition does not hold after so many. */
  maxIterations: z.int().min(1).max(1000),
  /** Between two runs. Milliseconds. */
  delayMs: z.int().min(0).max(86_400_000).optional(),
})
export type Repeat = z.infer<typeof repeatSchema>

/** A task of its own whose result is the output of the step. It ends with its parent, at the latest. */
export const childTaskSchema = z.strictObject({
  type: taskTypeSchema,
  /** Template of its input. */
  input: jsonObjectSchema.optional(),
  /** For type "plan": its plan. `planSchema` where it is checked; here any object, since a plan holds steps. */
  plan: jsonObjectSchema.optional(),
  deadlineMs: z.int().min(1).max(LIMITS.taskDeadlineMs).optional(),
})
export type ChildTask = z.infer<typeof childTaskSchema>

/** Waits without using anything: for so long, or until a moment. Milliseconds, Unix milliseconds. */
export const sleepSchema = z.union([
  z.strictObject({ ms: z.int().min(1).max(LIMITS.taskDeadlineMs) }),
  /** A number or ISO 8601 text, or a template that comes to one. */
  z.strictObject({ until: jsonValueSchema }),
])
export type Sleep = z.infer<typeof sleepSchema>

export const signalNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'a signal is 1 to 64 characters of A-Z a-z 0-9 _ . : -')

/** Waits for a signal. One that came before is taken; each is delivered once. The output is `{ id, payload, atMs }`. */
export const waitForSchema = z.strictObject({
  signal: signalNameSchema,
  /** By default as long as the task may take. Milliseconds. */
  timeoutMs: z.int().min(1).max(LIMITS.taskDeadlineMs).optional(),
  /** `fail` (default): the step fails with SIGNAL_TIMEOUT. `continue`: it completes with the output null. */
  onTimeout: z.enum(['fail', 'continue']).optional(),
})
export type WaitFor = z.infer<typeof waitForSchema>

const insteadSchema = z.strictObject({
  agent: agentTypeSchema,
  input: jsonValueSchema.optional(),
  retry: retryPolicySchema.optional(),
  timeoutMs: z.int().min(1).max(LIMITS.stepTimeoutMs).optional(),
  queueTimeoutMs: z.int().min(0).max(LIMITS.stepTimeoutMs).optional(),
})

/** Runs when the step has failed for good; its output is then that of the step. `error` is a root of its input's references. */
export const fallbackSchema = insteadSchema
export type Fallback = z.infer<typeof fallbackSchema>

/**
 * Undoes what the step has done, when the task fails or is cancelled after it had completed. `output` is a root of its input's
 * references. Compensations run one after the other, the step that completed last first.
 */
export const compensateSchema = insteadSchema
export type Compensate = z.infer<typeof compensateSchema>
