import type { Step } from '#schemas/plan.ts'
import { isTerminal, type StepState, type TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'

/** What an agent told about an attempt that it works on. */
export interface StepProgress {
  attempt: number
  fraction: number
  note: string
  /** When the attempt was first heard of: close to its start. */
  firstAtMs: number
}

/** A task as a watcher knows it: its last snapshot, brought forward by events. */
export interface TaskView {
  readonly task: TaskState
  readonly progress: Readonly<Record<string, StepProgress>>
  /** Revision of the snapshot: events up to it are part of it already. */
  readonly snapshotRev: number
}

export function taskViewOf(task: TaskState, earlier?: TaskView): TaskView {
  return { task, progress: earlier?.progress ?? {}, snapshotRev: task.rev }
}

/**
 * The view after one more event. Pure.
 * `gap`: an event in between was missed, so only a new snapshot helps. `ignored`: nothing new.
 */
export function applyEvent(
  view: TaskView,
  event: TaskEvent,
): { outcome: 'applied' | 'ignored' | 'gap'; view: TaskView } {
  const { task } = view
  if (isTerminal(task.status)) return { outcome: 'ignored', view }
  if (event.rev === undefined) return applyProgress(view, event)
  if (event.rev <= view.snapshotRev || event.rev < task.rev) return { outcome: 'ignored', view }
  if (event.rev > task.rev + 1) return { outcome: 'gap', view }
  const next = { ...view, task: advance(view, event, event.rev) }
  return { outcome: 'applied', view: withNote(next, event) }
}

/** How far a step of several runs is, and what one waits for, is told in words. */
function withNote(view: TaskView, { kind, stepId, fraction = 0, note, atMs }: TaskEvent): TaskView {
  const step = stepId === undefined ? undefined : view.task.steps[stepId]
  if (stepId === undefined || !step || note === undefined) return view
  if (kind !== 'progress' && kind !== 'step-waiting') return view
  const progress = { attempt: step.attempt, fraction, note, firstAtMs: atMs }
  return { ...view, progress: { ...view.progress, [stepId]: progress } }
}

function applyProgress(view: TaskView, event: TaskEvent): ReturnType<typeof applyEvent> {
  const { stepId, attempt, fraction = 0, note = '', atMs } = event
  const step = stepId === undefined ? undefined : view.task.steps[stepId]
  if (stepId === undefined || step?.status !== 'dispatched' || step.attempt !== attempt) {
    return { outcome: 'ignored', view }
  }
  const earlier = view.progress[stepId]
  const firstAtMs = earlier?.attempt === attempt ? earlier.firstAtMs : atMs
  const progress = { ...view.progress, [stepId]: { attempt, fraction, note, firstAtMs } }
  return { outcome: 'applied', view: { ...view, progress } }
}

function advance({ task, progress }: TaskView, event: TaskEvent, rev: number): TaskState {
  const steps = { ...task.steps }
  const { stepId, atMs, error } = event
  const step = stepId === undefined ? undefined : steps[stepId]
  if (stepId !== undefined && step) steps[stepId] = settled(step, event, progress[stepId])
  if (stepId !== undefined && step && event.kind === 'step-waiting')
    steps[stepId] = waiting(step, event, stepOf(task, stepId))
  // Of a task that undoes what it did, the steps stay as they ended.
  if (task.status !== 'compensating')
    for (const id of event.dispatched ?? [])
      steps[id] = hasSeveralRuns(steps[id], stepOf(task, id))
        ? { ...steps[id]!, status: 'running' }
        : dispatched(steps[id], atMs)
  const next: TaskState = { ...task, rev, steps }
  if (event.kind === 'compensating') return { ...next, status: 'compensating' }
  if (event.kind === 'paused')
    return {
      ...next,
      status: 'paused',
      pausedAtMs: atMs,
      ...(event.note !== undefined && { pauseReason: event.note }),
    }
  if (event.kind === 'resumed') {
    const { pausedAtMs: _since, pauseReason: _why, ...rest } = next
    return { ...rest, status: atMs < task.startAtMs ? 'scheduled' : 'running' }
  }
  if (event.kind === 'completed' || event.kind === 'failed' || event.kind === 'cancelled') {
    return { ...next, status: event.kind, finishedAtMs: atMs, ...(error && { error }) }
  }
  return next.status === 'scheduled' && (event.dispatched?.length ?? 0) > 0
    ? { ...next, status: 'running' }
    : next
}

/** Begin and end are those that were seen from here, until the next snapshot brings the agent's own. */
function settled(
  step: StepState,
  { kind, error, atMs, note }: TaskEvent,
  progress: StepProgress | undefined,
): StepState {
  const seen =
    progress?.attempt === step.attempt ? { startedAtMs: progress.firstAtMs, finishedAtMs: atMs } : {}
  // The task's last event speaks for the step that ended it, too.
  if (kind === 'step-completed' || kind === 'completed') return { ...step, ...seen, status: 'completed' }
  if (kind === 'step-failed' || kind === 'failed')
    return { ...step, ...seen, status: 'failed', ...(error && { error }) }
  if (kind === 'step-skipped') return { ...step, status: 'skipped' }
  // With a note it is one of several runs that is tried again, or a fallback that takes over.
  if (kind === 'step-retrying')
    return { ...step, status: note === undefined ? 'backoff' : 'running', ...(error && { error }) }
  return step
}

function stepOf({ plan }: TaskState, stepId: string): Step | undefined {
  return plan.steps.find(({ id }) => id === stepId)
}

function hasSeveralRuns(state: StepState | undefined, step: Step | undefined): boolean {
  if (!state) return false
  return state.status === 'running' || step?.forEach !== undefined || step?.repeat !== undefined
}

/** When it is over is known of a sleep that has a length; of all else with the next snapshot. */
function waiting(state: StepState, { atMs }: TaskEvent, step: Step | undefined): StepState {
  const since = { ...state, waitingSinceMs: state.waitingSinceMs ?? atMs }
  if (step?.sleep)
    return { ...since, status: 'sleeping', ...('ms' in step.sleep && { wakeAtMs: atMs + step.sleep.ms }) }
  if (step?.waitFor) return { ...since, status: 'awaiting-signal' }
  return step?.approval
    ? { ...since, status: 'awaiting-approval', attempt: Math.max(1, state.attempt) }
    : state
}

function dispatched(step: StepState | undefined, atMs: number): StepState {
  return { status: 'dispatched', attempt: (step?.attempt ?? 0) + 1, dispatchedAtMs: atMs }
}

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
