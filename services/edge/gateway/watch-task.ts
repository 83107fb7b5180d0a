import type { Clock } from '#platform/clock/clock.ts'
import { type WatchItem, watchTask as watchSource } from '#platform/tasks/watch-task.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { EventHub } from './event-hub.ts'
import type { Gateway } from './gateway.ts'

export interface WatchDeps {
  gateway: Pick<Gateway, 'get'>
  hub: Pick<EventHub, 'watch' | 'since' | 'chunks'>
  clock: Clock
  log?: Log | undefined
}

/** Without an event for so long, a task is looked at, and its watcher is shown that the connection lives. */
const POLL_INTERVAL_MS = 15_000

export interface WatchedTask {
  tenant: string
  taskId: string
  /** What was seen last. */
  afterRev?: number | undefined
  /** Told what its steps emit, too. */
  chunks?: boolean | undefined
  /** How long nobody may be able to say how it is when the watch begins. Milliseconds. */
  firstPatienceMs?: number
}

/** A task of one tenant, watched to its end by the hub's events. @throws MurmurError TASK_NOT_FOUND; UNAVAILABLE */
export function watchTask(
  { tenant, taskId, afterRev, chunks, firstPatienceMs = 0 }: WatchedTask,
  { gateway, hub, clock }: WatchDeps,
  signal: AbortSignal,
): AsyncGenerator<WatchItem> {
  const source = {
    get: () => gateway.get(tenant, taskId),
    onEvents: (listener: Parameters<EventHub['watch']>[1]) => hub.watch(taskId, listener),
    since: (after: number, rev: number) => hub.since(taskId, after, rev),
    ...(chunks && { chunks: hub.chunks.of(tenant, taskId) }),
  }
  const options = { afterRev, pollIntervalMs: POLL_INTERVAL_MS, firstPatienceMs, clock }
  return watchSource(source, options, signal)
}

/**
 * A task that was accepted a moment ago, when it has ended; undefined when the signal comes first, or anything goes wrong on the way. It
 * exists: nothing that happens from here on makes its submission fail, for who is told so submits it again. Never rejects.
 */
export async function endOfAccepted(
  accepted: Pick<WatchedTask, 'tenant' | 'taskId'>,
  deps: WatchDeps,
  signal: AbortSignal,
): Promise<TaskState | undefined> {
  try {
    for await (const item of watchTask({ ...accepted, firstPatienceMs: Infinity }, deps, signal))
      if (item.kind === 'snapshot' && isTerminal(item.task.status)) return item.task
  } catch (error) {
    deps.log?.warn({ err: error, taskId: accepted.taskId }, 'a task was accepted and can not be waited for')
  }
  return undefined
}
