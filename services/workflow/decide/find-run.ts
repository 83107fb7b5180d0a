import type { Plan, Step } from '#schemas/plan.ts'
import type { RunState, TaskState } from '#schemas/task.ts'
import { runIdOf, splitRunId } from './run-id.ts'

/** The step of a plan by its id; undefined when there is none. Pure. */
export function stepOf(plan: Plan, stepId: string): Step | undefined {
  return plan.steps.find((step) => step.id === stepId)
}

/** The state of a run, by its id; undefined when the task has no such run, or has it no more. Pure. */
export function runStateOf(state: TaskState, runId: string): RunState | undefined {
  const { stepId, part } = splitRunId(runId)
  const step = Object.hasOwn(state.steps, stepId) ? state.steps[stepId] : undefined
  if (part === undefined) return step
  return step?.runs && Object.hasOwn(step.runs, part) ? step.runs[part] : undefined
}

/** All runs that a task has: each step's own, then its others. Pure. */
export function runsOf(state: TaskState): [runId: string, run: RunState][] {
  const runs: [string, RunState][] = []
  // In the order of the plan: that of an object's keys is another where they look like numbers.
  for (const { id: stepId } of state.plan.steps) {
    const step = state.steps[stepId]
    if (!step) continue
    runs.push([stepId, step])
    for (const part in step.runs) runs.push([runIdOf(stepId, part), step.runs[part]!])
  }
  return runs
}

/** Runs whose current attempt is out, by their ids. Pure. */
export function runsOut(state: TaskState): [runId: string, run: RunState][] {
  return runsOf(state).filter(([, run]) => run.status === 'dispatched')
}

/** Which item of a list a run is for; undefined: none. Pure. */
export function itemIndex(state: TaskState, runId: string): number | undefined {
  const { stepId, part } = splitRunId(runId)
  if (part === undefined || !/^\d+$/.test(part)) return undefined
  return stepOf(state.plan, stepId)?.forEach ? Number(part) : undefined
}
