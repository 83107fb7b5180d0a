import { LIMITS } from '#schemas/limits.ts'
import { isTerminal, type RunState, type TaskState } from '#schemas/task.ts'
import { runsOf } from './find-run.ts'
import { dueOf, type StepDue } from './step-timing.ts'

/** When the task is over whatever happens: its deadline, which stands still while it is paused, though not for ever. Unix ms. */
export function endsAtMs({ status, deadlineAtMs, pausedAtMs }: TaskState): number {
  return status === 'paused' && pausedAtMs !== undefined ? pausedAtMs + LIMITS.taskDeadlineMs : deadlineAtMs
}

/** When the task next needs a timer: its deadline, delayed start, a time that is up or a retry. Unix ms; undefined once it is finished. */
export function nextDueMs(state: TaskState): number | undefined {
  if (isTerminal(state.status)) return undefined
  const { deadlineAtMs } = state
  if (state.status === 'paused') return pausedDueMs(state)
  if (state.status === 'scheduled' && state.held) return deadlineAtMs
  if (state.status === 'scheduled') return Math.min(state.startAtMs, deadlineAtMs)
  let next = deadlineAtMs
  // At every event of every task: no list of runs is made for it.
  for (const stepId in state.steps) {
    const step = state.steps[stepId]!
    next = Math.min(next, dueOf(step, deadlineAtMs)?.atMs ?? next)
    for (const part in step.runs) next = Math.min(next, dueOf(step.runs[part]!, deadlineAtMs)?.atMs ?? next)
  }
  return next
}

/** What is out runs to its end, and may take too long for it; nothing that would begin something is due. */
function pausedDueMs(state: TaskState): number {
  let next = endsAtMs(state)
  for (const [, run] of runsOf(state)) {
    const due = dueOf(run, Number.POSITIVE_INFINITY)
    if (due?.what === 'run-time' && due.atMs < next) next = due.atMs
  }
  return next
}

export interface RunDue {
  runId: string
  due: {
    what: StepDue
    atMs: number
    /** Whether the run, as it is now, is still due for the same. */
    stillHolds: (run: RunState) => boolean
  }
}

/** What is due until a moment, in the order of the plan. Pure. */
export function runsDue(state: TaskState, untilMs: number): RunDue[] {
  const found: RunDue[] = []
  for (const [runId, run] of runsOf(state)) {
    const due = dueOf(run, state.deadlineAtMs)
    if (due === undefined || due.atMs > untilMs) continue
    if (state.status === 'paused' && due.what !== 'run-time') continue
    const { status, attempt } = run
    const stillHolds = (now: RunState) => now.status === status && now.attempt === attempt
    found.push({ runId, due: { ...due, stillHolds } })
  }
  return found
}
