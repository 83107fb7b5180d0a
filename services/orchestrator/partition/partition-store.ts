import { randomBytes } from 'node:crypto'
import type { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskState } from '#schemas/task.ts'
import type { KeptItem } from '#workflow/decide/commands.ts'

/** The log that an offset belongs to. */
export interface LogMark {
  /** When the stream was made, as the server says it. */
  stream: string
  /** When the broker stored the message at the offset. Unix milliseconds; 0 when there is none. */
  storedAtMs: number
}

/** How far a partition has been folded, and how far its commands are known to be out. Sequence numbers of the log. */
export interface PartitionPosition {
  offset: number
  emitted: number
  /** It was folded to the end of the log once: what is not there does not exist. False while it is rebuilt. */
  level: boolean
  /** Undefined in positions of earlier versions. */
  log: LogMark | undefined
  /** Who has claimed the partition; absent in positions of earlier versions. */
  claim?: string
  /**
   * When it was made again from checkpoints, by the broker's clock (Unix ms): what had ended before the horizon is not in the store then,
   * but in the archive. Absent: never.
   */
  restoredAtMs?: number
  /** Until when any of the finished tasks may be read that have left the store to make room (Unix ms). Absent: none has. */
  leftUntilMs?: number
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
  /** How long a finished task is kept from now; 0 or less: it is taken away. Undefined for ever. Milliseconds. */
  keepMs?: number | undefined
  /** What became of items of lists: it stands beside the state. */
  kept?: readonly KeptItem[] | undefined
  /** Steps of whose lists everything that stands beside the state is forgotten; before what is kept. */
  dropped?: readonly string[] | undefined
  /** Approvals that opened or closed with this write. */
  approvals?: { opened: readonly OpenApproval[]; closed: readonly OpenApproval[] } | undefined
  /** How many cameras the task may hold from now on; absent: it never held any. */
  cameras?: number | undefined
}

/** Names a question that somebody has to answer. */
export interface OpenApproval {
  tenant: string
  taskId: string
  stepId: string
  attempt: number
}

export interface Commit {
  /**
   * Made by commitId(). Number 0 claims the partition at its offset; every other goes through only right behind the number before of the
   * same claim. A commit whose answer was lost is sent again under its id and succeeds if it had.
   */
  id: string
  /** Position before; undefined when nothing may be stored yet. */
  expectedOffset: number | undefined
  offset: number
  emitted: number
  level: boolean
  log: LogMark
  writes: TaskWrite[]
  /** Change of the number of active tasks, by type. */
  depth: ReadonlyMap<string, number>
  /** The same, by tenant. */
  tenants: ReadonlyMap<string, number>
  /** Change of what is to be done and has been done, by `countName`. Absent: none. */
  steps?: ReadonlyMap<string, number>
}

/**
 * The id of a commit: an owner claims the partition with number 0 and counts its commits from there. So the last commit that is stored
 * says whose world the store has: after it has lost commits and another owner has made them again, the offset alone does not.
 */
export function commitId(claim: string, number: number): string {
  return `${claim}.${number}`
}

/** What claims begin with of owners that know that a log may have been purged. */
const KNOWS_HORIZONS = 'h~'

/** A name for who owns a partition from now on: 48 bits by chance, and both offset and number would have to be the same, too. */
export function newClaim(): string {
  return `${KNOWS_HORIZONS}${randomBytes(6).toString('base64url')}`
}

/** Whether who owned a partition is of a release that restores from checkpoints what the log has no more. Pure. */
export function knowsHorizons(claim: string | undefined): boolean {
  return claim?.startsWith(KNOWS_HORIZONS) ?? false
}

/** The claim in the id of a commit. */
export function claimOf(id: string): string {
  const dot = id.lastIndexOf('.')
  return dot < 0 ? id : id.slice(0, dot)
}

/** The id that has to be stored before this one; undefined: any, it is a claim. */
export function commitBefore(id: string): string | undefined {
  const dot = id.lastIndexOf('.')
  const number = dot < 0 ? 0 : Number(id.slice(dot + 1))
  return number > 0 ? commitId(id.slice(0, dot), number - 1) : undefined
}

/** A commit that will never go through as it is: because of one task, when that is known. Nothing was moved on. */
export class CommitRefused extends Error {
  override readonly name = 'CommitRefused'
  readonly taskId: string | undefined

  constructor(message: string, options: { taskId?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.taskId = options.taskId
  }
}

/** What is stored of a partition is no position: it can only be made again. */
export class PositionUnreadable extends Error {
  override readonly name = 'PositionUnreadable'
}

/** What became of the tasks that there were before a partition was reset. */
export interface Lost {
  count: number
  /** Some of them. */
  examples: string[]
}

/**
 * Where the fold is kept. Every write is fenced by the offset it expects and by the commit before it, so a stale owner can't write; the store may
 * lose any suffix of its commits, or everything, and the log brings it back.
 */
export interface PartitionStore {
  /** Undefined when there is none. @throws PositionUnreadable */
  position(partition: number): Promise<PartitionPosition | undefined>
  /** In the order of `ids`; undefined for those that are not there, and for those that can't be read, which are passed to `onUnreadable`. */
  readTasks(
    partition: number,
    ids: string[],
    onUnreadable?: (unreadable: UnreadableTask) => void,
  ): Promise<(TaskState | undefined)[]>
  /** False: refused, the offset is another one, or another owner has claimed the partition. @throws CommitRefused for what is in it; any other error: ask again */
  commit(partition: number, commit: Commit): Promise<boolean>
  markEmitted(partition: number, offset: number, emitted: number): Promise<boolean>
  /**
   * Forgets the partition but for which tasks there were, and begins at offset 0 of `log`. What was cut short is gone on with.
   * `expected`: the offset that has to be there, or whatever is there. False: refused.
   */
  reset(partition: number, expected: number | 'any', log: LogMark): Promise<boolean>
  /** What there was before a reset and has not come again is lost; it is returned once. */
  settleReset(partition: number): Promise<Lost>
  /** Drops some entries of the index whose tasks have expired. @returns how many */
  trimIndex(partition: number): Promise<number>
  /** Tasks whose timer is due at `untilMs`, earliest first. */
  dueTimers(partition: number, untilMs: number, limit: number): Promise<{ taskId: string; dueMs: number }[]>
  /** The earliest timer, or undefined. */
  nextTimerMs(partition: number): Promise<number | undefined>
  /** Says that what had ended before is not here, after a reset. `atMs`: by the broker's clock. Unix milliseconds. */
  markRestored(partition: number, atMs: number): Promise<void>
  /**
   * Active tasks, some at a time: begin with cursor '0', go on with `next` until it is undefined. Those that are active from the first call
   * to the last are all there, some of them twice. `createdAtMs` is undefined where the index does not know it.
   */
  activeTasks(
    partition: number,
    cursor: string,
  ): Promise<{ tasks: { id: string; createdAtMs: number | undefined }[]; next: string | undefined }>
  /** Active tasks that may hold cameras. */
  cameraTasks(partition: number): Promise<string[]>
  /** Stored tasks, active or ended, that were created between two times, both included, the oldest first; of the same millisecond, the smaller id first. Unix ms. */
  oldestTasks(
    partition: number,
    page: { fromMs: number; untilMs: number; start?: number | undefined; count: number },
  ): Promise<IndexedTask[]>
  /** Tasks created at `untilMs` or before, newest first; of those created in the same millisecond, the larger id first. */
  newestTasks(
    partition: number,
    page: { untilMs?: number | undefined; start: number; count: number },
  ): Promise<IndexedTask[]>
  /** Drops ids from the index whose tasks have expired. */
  forget(partition: number, ids: string[]): Promise<void>
  /**
   * Outcomes of the items of a list, each at its index; undefined for those that are not there. @throws while the store does not answer
   */
  readItems(
    partition: number,
    about: { taskId: string; stepId: string; from: number; count: number },
  ): Promise<(KeptItem['outcome'] | undefined)[]>
  /** Open approvals of a tenant, in the order of their names. `after`: the last one of the page before. */
  openApprovals(
    partition: number,
    page: { tenant: string; after?: OpenApproval | undefined; count: number },
  ): Promise<OpenApproval[]>
  /** Active tasks by type. */
  depth(partition: number): Promise<Map<string, number>>
  /** What is in flight, as of one offset. */
  load(partition: number): Promise<PartitionLoad>
}

/** Active tasks of a partition, with all events up to and including the offset. */
export interface PartitionLoad {
  /** 0 when there is nothing. */
  offset: number
  byType: Map<string, number>
  /** Never below 0: those that were accepted before they were counted only leave. */
  byTenant: Map<string, number>
  /** Cameras that they may hold, by tenant. */
  cameras: Map<string, number>
  /** Steps of agents that are ready, to come, and done since the partition was made, by `countName`. Never below 0. */
  steps: Map<string, number>
}

/** A task that is there and can't be read. */
export interface UnreadableTask {
  id: string
  why: string
  /** What can be said of it, as far as its definition is readable. */
  known: Partial<Pick<TaskState, 'tenant' | 'type' | 'createdAtMs' | 'priority'>>
  /** It is whole, and the key that it is encrypted with is not here. */
  keyMissing?: MurmurError
}
