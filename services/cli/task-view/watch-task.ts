import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { CliError } from '../cli-error.ts'
import type { TaskClient } from '../client/task-client.ts'
import { applyEvent, type TaskView, viewOf } from './task-view.ts'

/** Live events may be lost: without one for so long, the task is asked for anew. */
const REFRESH_MS = 2_000
/** How long an orchestrator may be away, as during a restart, before that ends the watch. */
const PATIENCE_MS = 30_000

/** Told about every snapshot (without an event) and every event that changed the view. */
export type OnChange = (view: TaskView, event?: TaskEvent) => void

/**
 * Follows a task to its end: events from before the first snapshot on, so that none falls between the two.
 * @returns the task in its final state
 * @throws MurmurError TASK_NOT_FOUND, UNAVAILABLE; CliError INTERRUPTED
 */
export async function watchTask(
  taskId: string,
  onChange: OnChange,
  deps: { client: TaskClient; clock: Clock; signal: AbortSignal },
): Promise<TaskState> {
  const inbox = new Inbox()
  const end = deps.client.onEvents(taskId, (event) => inbox.add(event))
  const onAbort = () => inbox.wake()
  deps.signal.addEventListener('abort', onAbort)
  try {
    let view = viewOf(await deps.client.get(taskId))
    onChange(view)
    while (!isTerminal(view.task.status)) {
      if (!deps.signal.aborted) await inbox.wait(REFRESH_MS)
      if (deps.signal.aborted) throw new CliError('INTERRUPTED', 'stopped watching; the task goes on')
      view = await next(view, inbox.take(), onChange, deps)
    }
    return view.task
  } finally {
    deps.signal.removeEventListener('abort', onAbort)
    end()
  }
}

/** Applies what came in; asks for a snapshot when something was missed, when nothing came, and at the end. */
async function next(
  view: TaskView,
  events: readonly TaskEvent[],
  onChange: OnChange,
  deps: { client: TaskClient; clock: Clock; signal: AbortSignal },
): Promise<TaskView> {
  let current = view
  let mustRefresh = events.length === 0
  for (const event of events) {
    const { outcome, view: after } = applyEvent(current, event)
    if (outcome === 'gap') mustRefresh = true
    if (outcome !== 'applied') continue
    current = after
    onChange(current, event)
  }
  // The last event does not carry the result.
  if (!mustRefresh && !isTerminal(current.task.status)) return current
  const fresh = viewOf(await getPatiently(current.task.id, deps), current)
  onChange(fresh)
  return fresh
}

async function getPatiently(
  taskId: string,
  { client, clock, signal }: { client: TaskClient; clock: Clock; signal: AbortSignal },
): Promise<TaskState> {
  const untilMs = clock.monotonicMs() + PATIENCE_MS
  for (;;) {
    try {
      return await client.get(taskId)
    } catch (error) {
      const mayPass = error instanceof MurmurError && error.code === 'UNAVAILABLE'
      if (!mayPass || signal.aborted || clock.monotonicMs() > untilMs) throw error
      await clock.sleep(500, signal)
    }
  }
}

/** Events that wait to be looked at. */
class Inbox {
  #events: TaskEvent[] = []
  #wake: () => void = () => undefined

  add(event: TaskEvent): void {
    this.#events.push(event)
    this.#wake()
  }

  wake(): void {
    this.#wake()
  }

  take(): TaskEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  /** Until there is an event, or somebody wakes it, or the time is up. */
  async wait(ms: number): Promise<void> {
    if (this.#events.length > 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = () => undefined
  }
}
