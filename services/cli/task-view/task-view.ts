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
  return { outcome: 'applied', view: { ...view, task: advance(view, event, event.rev) } }
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
  for (const id of event.dispatched ?? []) steps[id] = dispatched(steps[id], atMs)
  const next: TaskState = { ...task, rev, steps }
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
  { kind, error, atMs }: TaskEvent,
  progress: StepProgress | undefined,
): StepState {
  const seen =
    progress?.attempt === step.attempt ? { startedAtMs: progress.firstAtMs, finishedAtMs: atMs } : {}
  // The task's last event speaks for the step that ended it, too.
  if (kind === 'step-completed' || kind === 'completed') return { ...step, ...seen, status: 'completed' }
  if (kind === 'step-failed' || kind === 'failed')
    return { ...step, ...seen, status: 'failed', ...(error && { error }) }
  if (kind === 'step-retrying') return { ...step, status: 'backoff', ...(error && { error }) }
  return step
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
