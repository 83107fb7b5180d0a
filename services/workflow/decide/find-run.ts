import type { RunState, TaskState } from '#schemas/task.ts'
import { runIdOf, splitRunId } from './run-id.ts'

/** The state of a run, by its id; undefined when the task has no such run, or has it no more. Pure. */
export function runStateOf(state: TaskState, runId: string): RunState | undefined {
  const { stepId, part } = splitRunId(runId)
  const step = Object.hasOwn(state.steps, stepId) ? state.steps[stepId] : undefined
  if (part === undefined) return step
  return step?.runs && Object.hasOwn(step.runs, part) ? step.runs[part] : undefined
}

/** Runs whose current attempt is out, by their ids. Pure. */
export function runsOut(state: TaskState): [runId: string, run: RunState][] {
  const out: [string, RunState][] = []
  for (const [stepId, step] of Object.entries(state.steps)) {
    if (step.status === 'dispatched') out.push([stepId, step])
    for (const [part, run] of Object.entries(step.runs ?? {}))
      if (run.status === 'dispatched') out.push([runIdOf(stepId, part), run])
  }
  return out
}
