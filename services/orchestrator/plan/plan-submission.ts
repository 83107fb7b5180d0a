import type { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { issuesOf } from '#platform/requests/check-request.ts'
import type { JsonObject } from '#schemas/json.ts'
import { DEFAULTS } from '#schemas/limits.ts'
import type { Plan } from '#schemas/plan.ts'
import { planSchema } from '#schemas/plan.ts'
import type { PlanTemplate } from '#schemas/plan-template.ts'
import type { Submission } from '#schemas/submission.ts'
import { fillInput } from '#workflow/plan/template-input.ts'
import { monitorTaskType, reportTaskType, type TaskTypeSpec } from './built-in-tasks.ts'

/** The type of task whose plan the client brings along. */
export const OWN_PLAN = 'plan'

const TASK_TYPES: ReadonlyMap<string, TaskTypeSpec<never>> = new Map(
  [reportTaskType, monitorTaskType].map((spec) => [spec.name, spec as unknown as TaskTypeSpec<never>]),
)

export const TASK_TYPE_NAMES = [OWN_PLAN, ...TASK_TYPES.keys()]

/** What a submission comes to. */
export interface PlannedSubmission {
  plan: Plan
  /** As it is kept with the task: with the defaults of a template. */
  input: JsonObject
  /** The version of a template that the plan comes from: `count-notes@2`. */
  template?: string
  /** How long it may take when the client does not say. Milliseconds. */
  deadlineMs: number
  /** At most one task of this key is under way, where the client names none. */
  singletonKey?: string | undefined
}

/**
 * The plan for a submission.
 * @param template what it names, where it names one
 * @throws MurmurError UNKNOWN_TASK_TYPE, INVALID_SUBMISSION
 */
export function planSubmission(
  type: string,
  submission: Submission,
  template?: PlanTemplate,
): PlannedSubmission {
  if (template) return planOfTemplate(template, submission)
  if (type === OWN_PLAN) {
    if (submission.plan)
      return { plan: submission.plan, input: inputOf(submission), deadlineMs: DEFAULTS.taskDeadlineMs }
    throw new MurmurError('INVALID_SUBMISSION', 'a task of type "plan" needs a plan, or names a template', {
      issues: [{ path: 'plan', message: 'is missing' }],
    })
  }
  const spec = TASK_TYPES.get(type)
  if (!spec)
    throw new MurmurError(
      'UNKNOWN_TASK_TYPE',
      `there is no task type "${type}"; there are ${TASK_TYPE_NAMES.join(', ')}`,
    )
  if (submission.plan) {
    throw new MurmurError('INVALID_SUBMISSION', `a task of type "${type}" makes its own plan`, {
      issues: [{ path: 'plan', message: 'only for type "plan"' }],
    })
  }
  const input: z.ZodSafeParseResult<unknown> = spec.input.safeParse(submission.input ?? {})
  if (!input.success)
    throw new MurmurError('INVALID_SUBMISSION', `the input does not suit task type "${type}"`, {
      issues: issuesOf(input.error, 'input'),
    })
  const data = input.data as never
  return {
    plan: planSchema.parse(spec.plan(data)),
    input: inputOf(submission),
    deadlineMs: spec.deadlineMs?.(data) ?? DEFAULTS.taskDeadlineMs,
    singletonKey: spec.singletonKey?.(data),
  }
}

/** A copy of its own: what becomes of the template later does not concern the task. */
function planOfTemplate(template: PlanTemplate, submission: Submission): PlannedSubmission {
  const { name, version, plan, deadlineMs } = template
  const reference = `${name}@${version}`
  return {
    plan,
    input: fillInput(template, reference, inputOf(submission)),
    deadlineMs: deadlineMs ?? DEFAULTS.taskDeadlineMs,
    template: reference,
  }
}

/**
 * The template that a submission names, if it names one.
 * @throws MurmurError INVALID_SUBMISSION where it has a plan too, or is of a type that makes its own
 */
export function templateIn(type: string, { template, plan }: Submission): string | undefined {
  if (template === undefined) return undefined
  const fault = type === OWN_PLAN ? plan && 'stands beside a plan: one of them' : 'only for type "plan"'
  if (!fault) return template
  throw new MurmurError('INVALID_SUBMISSION', `the submission is not valid: template ${fault}`, {
    issues: [{ path: 'template', message: fault }],
  })
}

/** The input that a submission brings along. */
export function inputOf(submission: Submission): JsonObject {
  return submission.input ?? {}
}
