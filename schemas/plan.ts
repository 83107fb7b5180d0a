import { z } from 'zod'
import { capabilitiesSchema } from './agent.ts'
import { approvalSchema } from './approval.ts'
import { agentReferenceSchema, stepIdSchema } from './identifiers.ts'
import { jsonValueSchema } from './json.ts'
import { LIMITS } from './limits.ts'
import { retryPolicySchema } from './retry-policy.ts'
import {
  childTaskSchema,
  compensateSchema,
  expressionSchema,
  fallbackSchema,
  forEachSchema,
  repeatSchema,
  sleepSchema,
  waitForSchema,
} from './step-kinds.ts'

export { type RetryPolicy, retryPolicySchema } from './retry-policy.ts'

/** 0 critical, 1 high, 2 normal, 3 low: the lower number is taken first, and none is ever starved. */
export const prioritySchema = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)])
export type Priority = z.infer<typeof prioritySchema>
export const PRIORITY_NAMES = ['critical', 'high', 'normal', 'low'] as const
/** Of a task that says none: normal. */
export const DEFAULT_PRIORITY: Priority = 2

/** What a step can be, each a field of that name; a step is exactly one of them. */
export const STEP_KINDS = ['agent', 'task', 'sleep', 'waitFor', 'approval'] as const
export type StepKind = (typeof STEP_KINDS)[number]

/** Fields that only a step has that runs something. */
const RUN_FIELDS = ['forEach', 'repeat', 'retry', 'fallback', 'compensate', 'timeoutMs'] as const

const stepFieldsSchema = z.strictObject({
  id: stepIdSchema,
  needs: z.array(stepIdSchema).max(LIMITS.planSteps).optional(),
  /**
   * The step is skipped where this does not hold, when all that it needs is settled. A step of whose needs all were skipped is
   * skipped, too. Over `input` and `steps.ID.{status,output,error}`.
   */
  when: expressionSchema.optional(),
  /** A type; `type@range` is the same as the type and a `version`, and is kept so. */
  agent: agentReferenceSchema.optional(),
  /** Only instances of such versions get it, as npm writes ranges: `^2`, `1.x`, `>=1.4 <2`. */
  version: z.string().min(1).max(128).optional(),
  /** Only instances with all of these capabilities get it: `["gpu"]`. */
  requires: capabilitiesSchema.optional(),
  task: childTaskSchema.optional(),
  sleep: sleepSchema.optional(),
  waitFor: waitForSchema.optional(),
  approval: approvalSchema.optional(),
  /** Of an agent. */
  input: jsonValueSchema.optional(),
  forEach: forEachSchema.optional(),
  repeat: repeatSchema.optional(),
  retry: retryPolicySchema.optional(),
  /** For one attempt, from the moment an agent has it. Milliseconds. */
  timeoutMs: z.int().min(1).max(LIMITS.stepTimeoutMs).optional(),
  /** How long the step may wait for a free agent before it fails with QUEUE_TIMEOUT. By default as long as the task may take. Milliseconds. */
  queueTimeoutMs: z.int().min(0).max(LIMITS.stepTimeoutMs).optional(),
  fallback: fallbackSchema.optional(),
  compensate: compensateSchema.optional(),
  /** `fail` (default): the task fails with this step. `continue`: steps that need it run without its output. */
  onFailure: z.enum(['fail', 'continue']).optional(),
})

/**
 * One step: what is done, after which other steps. It has exactly one of `agent`, `task`, `sleep`, `waitFor` and `approval`.
 *
 * `input` is any JSON. An object `{ "$from": "PATH" }` anywhere in it is replaced when the step is dispatched:
 * `input`, `input.a.b`, `steps.ID.output`, `steps.ID.output.a.0.b`, `steps.ID.error`; the step ID has to be under `needs`.
 * In a step with `forEach`: `item`, `item.a.b`, `index`; in one with `repeat`: `previous` (output of the run before; null at first) and
 * `iteration`; in a fallback: `error`; in a compensation: `output`.
 */
export const stepSchema = stepFieldsSchema.superRefine((step, context) => {
  const kinds = STEP_KINDS.filter((kind) => step[kind] !== undefined)
  const refuse = (message: string, path?: string) =>
    context.addIssue({ code: 'custom', message, ...(path && { path: [path] }) })
  if (kinds.length !== 1)
    refuse(
      `has ${kinds.length === 0 ? 'none' : kinds.join(' and ')} of ${STEP_KINDS.join(', ')}: exactly one says what it does`,
    )
  if (step.forEach && step.repeat) refuse('a step is run for each item or repeated, not both', 'repeat')
  if (step.agent === undefined && step.input !== undefined)
    refuse('only an agent has an input; that of a child task stands in "task"', 'input')
  if (step.agent === undefined && step.task === undefined)
    for (const field of RUN_FIELDS)
      if (step[field] !== undefined) refuse('only an agent or a child task can have it', field)
  if (step.agent === undefined)
    for (const field of ['queueTimeoutMs', 'version', 'requires'] as const)
      if (step[field] !== undefined) refuse('only an agent can have it', field)
})
export type Step = z.infer<typeof stepSchema>

/** What the step does. A step that has been checked has exactly one kind. */
export function kindOf(step: Step): StepKind {
  return STEP_KINDS.find((kind) => step[kind] !== undefined)!
}

export const planSchema = z.strictObject({
  steps: z.array(stepSchema).min(1),
  /** Template of the task's output, with `$from` references. Without it: the outputs of the steps nobody needs, by step id. */
  output: jsonValueSchema.optional(),
  /** How long all compensations together may take. Milliseconds. */
  compensationTimeoutMs: z.int().min(1).max(LIMITS.taskDeadlineMs).optional(),
})
export type Plan = z.infer<typeof planSchema>

/** Whether a version that knows agents' steps alone, with conditions on nothing, could run this plan. */
export function isBasicPlan(plan: Plan): boolean {
  const basic = ['id', 'agent', 'needs', 'input', 'retry', 'timeoutMs', 'queueTimeoutMs', 'onFailure']
  return (
    plan.compensationTimeoutMs === undefined &&
    plan.steps.every(
      (step) => step.retry?.byCode === undefined && Object.keys(step).every((field) => basic.includes(field)),
    )
  )
}

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
