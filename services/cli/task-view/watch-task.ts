import { MurmurError } from '#platform/errors/murmur-error.ts'
import { ERRORS } from '#schemas/problem.ts'
import type { WatchedChunks } from '#schemas/step-chunks.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { applyEvent, type TaskView, taskViewOf } from './task-view.ts'

/** Told about every snapshot (without an event) and every event that changed the view. */
export type OnChange = (view: TaskView, event?: TaskEvent) => void

export interface WatchOptions {
  client: Pick<MurmurClient, 'watch'>
  signal: AbortSignal
  /** Told what steps emit while they run. */
  onChunks?: (chunks: WatchedChunks) => void
}

/**
 * Follows a task to its end.
 * @returns the task in its final state
 * @throws MurmurError TASK_NOT_FOUND, UNAVAILABLE; CliError INTERRUPTED
 */
export async function watchToEnd(
  taskId: string,
  onChange: OnChange,
  { client, signal, onChunks }: WatchOptions,
): Promise<TaskState> {
  let view: TaskView | undefined
  for await (const item of client.watch(taskId, signal)) {
    if (item.kind === 'chunks') {
      onChunks?.(item.chunks)
      continue
    }
    if (item.kind === 'snapshot') view = taskViewOf(item.task, view)
    else if (item.kind === 'event') {
      const applied = view && applyEvent(view, item.event)
      if (applied?.outcome !== 'applied') continue
      view = applied.view
    }
    if (view) onChange(view, item.kind === 'event' ? item.event : undefined)
  }
  if (signal.aborted) throw new CliError('INTERRUPTED', 'stopped watching; the task goes on')
  // The last item is the task with its result.
  if (view && isTerminal(view.task.status)) return view.task
  throw new MurmurError('UNAVAILABLE', `the watch of task ${taskId} ended before the task did`)
}

/** @throws CliError TASK_FAILED or TASK_CANCELLED with the error that the task ended with */
export function assertCompleted(task: TaskState): void {
  if (task.status === 'completed') return
  const { error } = task
  const reason = error ? `: ${error.code}: ${error.message}` : ''
  const where = error?.stepId === undefined ? '' : ` in step "${error.stepId}"`
  const known = error && Object.entries(ERRORS).find(([code]) => code === error.code)
  const code = task.status === 'cancelled' ? 'TASK_CANCELLED' : 'TASK_FAILED'
  throw new CliError(
    code,
    `task ${task.id} ${task.status}${where}${reason}`,
    known ? { fix: known[1].fix } : {},
  )
}
