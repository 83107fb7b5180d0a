import type { TaskControl } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'

/** What a task that was held begins as, where it is not what it was accepted as. */
export type ReleasedTask = NonNullable<(TaskControl & { action: 'release' })['task']>

/** Makes a task of a draft the one that it begins as, at `atMs` (Unix ms); its deadline counts from there. */
export function becomeReleased(state: TaskState, task: ReleasedTask, atMs: number): void {
  const { priority, input, plan, template, labels, deadlineMs } = task
  // Whoever watches has another plan: he finds a revision missing, and looks again.
  state.rev++
  delete state.template
  delete state.labels
  Object.assign(state, { priority, input, plan, ...(template !== undefined && { template }) })
  if (labels) state.labels = labels
  state.steps = {}
  for (const { id } of plan.steps) state.steps[id] = { status: 'waiting', attempt: 0 }
  state.startAtMs = atMs
  state.deadlineAtMs = atMs + deadlineMs
}
