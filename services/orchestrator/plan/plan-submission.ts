import type { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { issuesOf } from '#platform/requests/check-request.ts'
import type { JsonObject } from '#schemas/json.ts'
import { DEFAULTS } from '#schemas/limits.ts'
import type { Plan } from '#schemas/plan.ts'
import { planSchema } from '#schemas/plan.ts'
import type { Submission } from '#schemas/submission.ts'
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
  /** How long it may take when the client does not say. Milliseconds. */
  deadlineMs: number
}

/**
 * The plan for a submission.
 * @throws MurmurError UNKNOWN_TASK_TYPE, INVALID_SUBMISSION
 */
export function planSubmission(type: string, submission: Submission): PlannedSubmission {
  if (type === OWN_PLAN) {
    if (submission.plan) return { plan: submission.plan, deadlineMs: DEFAULTS.taskDeadlineMs }
    throw new MurmurError('INVALID_SUBMISSION', 'a task of type "plan" needs a plan', {
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
    deadlineMs: spec.deadlineMs?.(data) ?? DEFAULTS.taskDeadlineMs,
  }
}

/** The input as it is kept with the task. */
export function inputOf(submission: Submission): JsonObject {
  return submission.input ?? {}
}
