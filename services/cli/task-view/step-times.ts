import type { StepState, TaskState } from '#schemas/task.ts'
import type { TaskView } from './task-view.ts'

/** How long the last attempt of a step lay in its queue, and how long an agent worked on it. Milliseconds. */
export interface StepTimes {
  waitedMs?: number
  ranMs?: number
}

/**
 * From the state alone. Begin and end are by the agent's clock, the dispatch is by the broker's: a wait that comes out
 * below zero is a difference between clocks, not time.
 */
export function stepTimes(step: StepState): StepTimes {
  const { dispatchedAtMs, startedAtMs, finishedAtMs } = step
  if (dispatchedAtMs === undefined || startedAtMs === undefined || finishedAtMs === undefined) return {}
  return {
    waitedMs: Math.max(0, startedAtMs - dispatchedAtMs),
    ranMs: Math.max(0, finishedAtMs - startedAtMs),
  }
}

/** The same while it runs: the wait so far until an agent is heard of, the run so far from then on. */
export function liveStepTimes(view: TaskView, stepId: string, nowMs: number): StepTimes {
  const step = view.task.steps[stepId]
  if (step?.status !== 'dispatched' || step.dispatchedAtMs === undefined) return step ? stepTimes(step) : {}
  const progress = view.progress[stepId]
  if (progress?.attempt !== step.attempt) return { waitedMs: Math.max(0, nowMs - step.dispatchedAtMs) }
  return {
    waitedMs: Math.max(0, progress.firstAtMs - step.dispatchedAtMs),
    ranMs: Math.max(0, nowMs - progress.firstAtMs),
  }
}

/** From acceptance to the end, or to now. */
export function taskDurationMs(task: TaskState, nowMs: number): number {
  return Math.max(0, (task.finishedAtMs ?? nowMs) - task.createdAtMs)
}
