import type { JsonValue } from '#schemas/json.ts'
import type { Plan, RetryPolicy, Step } from '#schemas/plan.ts'
import type { ChildTask } from '#schemas/step-kinds.ts'
import { splitRunId } from './run-id.ts'

/** Names that no agent may have: what the orchestrator itself answers for. */
export const RESERVED_AGENTS = {
  /** A child task: its end is the result of the run. */
  childTask: '_task',
  /** A value that has to be fetched from the object store before it can be decided on. */
  evaluation: '_evaluation',
} as const

export const FALLBACK_RUN = 'fallback'
export const COMPENSATION_RUN = 'compensate'
/** Runs of the orchestrator itself: the condition of a step, the list of a `forEach`, its outputs as one list, the condition of a `repeat`. */
export const EVALUATIONS = ['when', 'items', 'outputs', 'until'] as const
export type Evaluation = (typeof EVALUATIONS)[number]

/** Whether a name is kept for the orchestrator itself. */
export function isReserved(agent: string): boolean {
  return agent.startsWith('_')
}

/** What one run does. */
export interface RunBody {
  /** The type of agent that has to answer, or a reserved name. */
  agent: string
  input: JsonValue | undefined
  task?: ChildTask
  retry?: RetryPolicy | undefined
  timeoutMs?: number | undefined
  queueTimeoutMs?: number | undefined
}

/** What a run of a step does; undefined when the step has no such run. Pure. */
export function bodyOf(step: Step, part?: string): RunBody | undefined {
  if (part === FALLBACK_RUN) return step.fallback && { ...step.fallback, input: step.fallback.input }
  if (part === COMPENSATION_RUN)
    return step.compensate && { ...step.compensate, input: step.compensate.input }
  if (isEvaluation(part)) return { agent: RESERVED_AGENTS.evaluation, input: undefined }
  const { retry, timeoutMs, queueTimeoutMs } = step
  if (step.task)
    return { agent: RESERVED_AGENTS.childTask, input: step.task.input, task: step.task, retry, timeoutMs }
  if (step.agent === undefined) return undefined
  return { agent: step.agent, input: step.input, retry, timeoutMs, queueTimeoutMs }
}

export function isEvaluation(part: string | undefined): part is Evaluation {
  return (EVALUATIONS as readonly (string | undefined)[]).includes(part)
}

/** What a run of a plan does, by its id; undefined when there is no such run. Pure. */
export function bodyOfRun(plan: Plan, runId: string): RunBody | undefined {
  const { stepId, part } = splitRunId(runId)
  const step = plan.steps.find((candidate) => candidate.id === stepId)
  return step && bodyOf(step, part)
}

/** The agent types that a step needs: its own, that of its fallback, that of its compensation. */
export function agentsOfStep(step: Step): string[] {
  return [step.agent, step.fallback?.agent, step.compensate?.agent].filter((agent) => agent !== undefined)
}
