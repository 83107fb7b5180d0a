import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonObject } from '#schemas/json.ts'
import { DEFAULTS } from '#schemas/limits.ts'
import { type Plan, planSchema } from '#schemas/plan.ts'
import type { Submission } from '#schemas/submission.ts'
import { splitAgents } from '#workflow/plan/agent-requirement.ts'
import { assertExpansion } from '#workflow/plan/check-expansion.ts'
import { agentsOf, assertPlan } from '#workflow/plan/check-plan.ts'
import { parseSubmission, submissionTimes } from '#workflow/plan/check-submission.ts'
import { fillInput } from '#workflow/plan/template-input.ts'
import type { AgentTable } from './agent-table.ts'
import type { MemoryTemplates } from './memory-templates.ts'

/** A plan that is made from the input of a task of some type. */
export type PlanOfType = (input: JsonObject) => Plan

/** What submissions may name. */
export interface AdmitDeps {
  agents: AgentTable
  /** Types of tasks beside "plan". */
  taskTypes: ReadonlyMap<string, PlanOfType>
  templates?: Pick<MemoryTemplates, 'find'>
}

/** What a submission comes to. */
export interface AdmittedSubmission {
  submission: Submission
  type: string
  input: JsonObject
  plan: Plan
  /** The version of a template that it is made of: `count-notes@2`. */
  template?: string
  /** Milliseconds from now. */
  deadlineMs: number
  delayMs: number
}

/**
 * Checks a submission as an orchestrator does. Without a type it is a plan. Pure.
 * @param taskTypes types of tasks beside "plan"
 * @throws MurmurError what a submission is refused for; UNKNOWN_AGENT, which says how an agent is added
 */
export function admitSubmission(
  body: string,
  { agents, taskTypes, templates }: AdmitDeps,
): AdmittedSubmission {
  const submission = parseSubmission(Buffer.from(body))
  const { type = 'plan' } = submission
  const named = submission.template === undefined ? undefined : templates?.find(submission.template)
  const reference = named && `${named.name}@${named.version}`
  const input = named ? fillInput(named, reference!, submission.input ?? {}) : (submission.input ?? {})
  const plan = splitAgents(named ? structuredClone(named.plan) : planOf(type, submission, taskTypes))
  assertPlan(plan)
  assertExpansion(plan, input)
  for (const agent of agentsOf(plan)) agents.find(agent)
  const times = submissionTimes(submission, named?.deadlineMs ?? DEFAULTS.taskDeadlineMs)
  return { submission, type, input, plan, ...(reference && { template: reference }), ...times }
}

function planOf(
  type: string,
  { plan, input = {} }: Submission,
  taskTypes: ReadonlyMap<string, PlanOfType>,
): Plan {
  const ofType = taskTypes.get(type)
  if (ofType) return planSchema.parse(ofType(input))
  if (type !== 'plan')
    throw new MurmurError(
      'UNKNOWN_TASK_TYPE',
      `a test environment has tasks of type "plan" only: give createTestEnvironment({ taskTypes: { "${type}": (input) => plan } }) to say what one of type "${type}" does`,
    )
  if (plan) return plan
  throw new MurmurError('INVALID_SUBMISSION', 'a task of type "plan" needs a plan', {
    issues: [{ path: 'plan', message: 'is missing' }],
  })
}
