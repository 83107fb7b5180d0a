import type { TaskState } from '#schemas/task.ts'

/** How far a partition has been folded, and how far its commands are known to be out. Sequence numbers of the log. */
export interface PartitionPosition {
  offset: number
  emitted: number
}

/** An entry of the index of tasks. */
export interface IndexedTask {
  id: string
  createdAtMs: number
}

/** A task that a batch changed. */
export interface TaskWrite {
  state: TaskState
  /** When it next needs a timer; undefined: never again; 'unchanged': what is stored is early enough. */
  dueMs: number | 'unchanged' | undefined
  isNew: boolean
}

export interface Commit {
  /** Unique. A commit whose answer was lost is sent again under its id and succeeds if it had. */
  id: string
  /** Position before; undefined when nothing may be stored yet. */
  expectedOffset: number | undefined
  offset: number
  emitted: number
  writes: TaskWrite[]
  /** Change of the number of active tasks, by type. */
  depth: ReadonlyMap<string, number>
  /** The same, by tenant. */
  tenants: ReadonlyMap<string, number>
}

/**
 * Where the fold is kept. Every write is fenced by the offset it expects, so a stale owner can't write; the store may
 * lose any suffix of its commits, or everything, and the log brings it back.
 */
export interface PartitionStore {
  position(partition: number): Promise<PartitionPosition | undefined>
  /** In the order of `ids`; undefined for those that are not there. */
  readTasks(partition: number, ids: string[]): Promise<(TaskState | undefined)[]>
  /** False: refused, the offset is another one. */
  commit(partition: number, commit: Commit): Promise<boolean>
  markEmitted(partition: number, offset: number, emitted: number): Promise<boolean>
  /** Tasks whose timer is due at `untilMs`, earliest first. */
  dueTimers(partition: number, untilMs: number, limit: number): Promise<{ taskId: string; dueMs: number }[]>
  /** The earliest timer, or undefined. */
  nextTimerMs(partition: number): Promise<number | undefined>
  /** Tasks created at `untilMs` or before, newest first; of those created in the same millisecond, the larger id first. */
  newestTasks(
    partition: number,
    page: { untilMs?: number | undefined; start: number; count: number },
  ): Promise<IndexedTask[]>
  /** Drops ids from the index whose tasks have expired. */
  forget(partition: number, ids: string[]): Promise<void>
  /** Active tasks by type. */
  depth(partition: number): Promise<Map<string, number>>
  /** Active tasks by tenant. Never below 0: those that were accepted before they were counted only leave. */
  activeByTenant(partition: number): Promise<Map<string, number>>
}
