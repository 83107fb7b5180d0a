import type { Clock } from '#platform/clock/clock.ts'
import { type WatchItem, watchTask as watchSource } from '#platform/tasks/watch-task.ts'
import type { EventHub } from './event-hub.ts'
import type { Gateway } from './gateway.ts'

export interface WatchDeps {
  gateway: Pick<Gateway, 'get'>
  hub: Pick<EventHub, 'watch' | 'since' | 'chunks'>
  clock: Clock
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
}

/** A task of one tenant, watched to its end by the hub's events. @throws MurmurError TASK_NOT_FOUND; UNAVAILABLE */
export function watchTask(
  { tenant, taskId, afterRev, chunks }: WatchedTask,
  { gateway, hub, clock }: WatchDeps,
  signal: AbortSignal,
): AsyncGenerator<WatchItem> {
  const source = {
    get: () => gateway.get(tenant, taskId),
    onEvents: (listener: Parameters<EventHub['watch']>[1]) => hub.watch(taskId, listener),
    since: (after: number, rev: number) => hub.since(taskId, after, rev),
    ...(chunks && { chunks: hub.chunks.of(tenant, taskId) }),
  }
  return watchSource(source, { afterRev, pollIntervalMs: POLL_INTERVAL_MS, clock }, signal)
}
