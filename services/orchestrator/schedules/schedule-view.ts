import type { Occurrence, Schedule, ScheduleRun, ScheduleState, ScheduleSummary } from '#schemas/schedule.ts'
import { nextRuns } from '#workflow/schedule/occurrences.ts'

/** Next runs that are shown. */
const NEXT_RUNS = 5

/** A schedule as clients see it. `running`: those of its tasks that have not ended. Pure. */
export function scheduleView(state: ScheduleState, nowMs: number, running: readonly ScheduleRun[]): Schedule {
  const { v: _v, definition, cursorMs: _cursorMs, pending: _pending, running: _running, ...rest } = state
  return { ...rest, ...definition, running: [...running], nextRuns: runsOf(state, nowMs, NEXT_RUNS) }
}

/** One line of a list. Pure. */
export function scheduleSummary(state: ScheduleState, nowMs: number): ScheduleSummary {
  const { v: _v, definition, cursorMs: _cursorMs, pending: _pending, running: _running, ...rest } = state
  const { submission, ...times } = definition
  return { ...rest, ...times, type: submission.type, nextRuns: runsOf(state, nowMs, 1) }
}

function runsOf({ definition, cursorMs, paused }: ScheduleState, nowMs: number, count: number): Occurrence[] {
  if (paused) return []
  try {
    return nextRuns(definition, Math.max(nowMs, cursorMs), count)
  } catch {
    // Its zone has left the database of this machine: one that can't be run is shown all the same.
    return []
  }
}
