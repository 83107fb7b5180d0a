import { LIMITS } from '#schemas/limits.ts'
import type { TaskAccepted, TaskControl } from '#schemas/log-event.ts'
import type { Debounce, Singleton, SubmissionKey, SubmissionKeyKind } from '#schemas/submission-key.ts'
import { withoutRange } from '#subjects/task-partition.ts'
import { camerasOf } from '../plan/cameras-of.ts'

/** A submission that passed every check, and the key that it comes under. */
export interface KeyedSubmission {
  accepted: TaskAccepted
  singleton?: Singleton | undefined
  debounce?: Debounce | undefined
}

/** What is known when it is decided. */
export interface KeyFacts {
  /** The broker's time. Unix milliseconds. */
  nowMs: number
  /** The task that has the key is over. */
  holderEnded: boolean
}

/** What becomes of a submission by its key. `record`: what has to be written first, and what else depends on. */
export type KeyVerdict =
  /** It is a new task. */
  | { kind: 'started'; record: SubmissionKey; replaced?: string }
  /** It becomes the task that waits, which takes its input. */
  | { kind: 'merged'; record: SubmissionKey; taskId: string; startsAtMs: number }
  /** The task that has the key is the answer. */
  | { kind: 'existing'; record: SubmissionKey; taskId: string }
  /** It has come before, and has the same answer. `isSame`: with the same body. */
  | { kind: 'repeated'; taskId: string; isSame: boolean }
  | {
      kind: 'refused'
      taskId: string
      why: 'held-by-other' | 'other-type' | 'more-cameras' | 'too-many-replaced'
    }

/** How many of the last submissions of a key are known again. */
export const RECENT_SUBMISSIONS = 128
/** A key that nothing happens to is forgotten after this, and with it which submissions were merged or answered. Milliseconds. */
export const KEY_MEMORY_MS = 600_000
/** Characters of the hash of a body: enough to tell one from another by accident. */
const HASH_CHARACTERS = 16

/** The key that a submission comes under, or undefined. Pure. */
export function keyOf({
  singleton,
  debounce,
}: KeyedSubmission): { kind: SubmissionKeyKind; key: string } | undefined {
  if (singleton) return { kind: 'singleton', key: singleton.key }
  return debounce && { kind: 'debounce', key: debounce.key }
}

/**
 * What becomes of a submission, by what is known of its key. Pure.
 * @param before undefined: nothing is known of it. The task that it names is in the log.
 */
export function decideSubmission(
  before: SubmissionKey | undefined,
  submission: KeyedSubmission,
  facts: KeyFacts,
): KeyVerdict {
  const repeated = before && repeatOf(before, submission.accepted)
  if (repeated) return repeated
  return submission.debounce
    ? decideDebounced(before, submission.accepted, submission.debounce, facts)
    : decideSingleton(before, submission, facts)
}

function decideSingleton(
  before: SubmissionKey | undefined,
  { accepted, singleton }: KeyedSubmission,
  { nowMs, holderEnded }: KeyFacts,
): KeyVerdict {
  const key = singleton?.key ?? ''
  const replacing = before?.predecessors ?? []
  // One that was to replace others may have ended before they are over: they are under way all the same.
  const taskId = holderEnded ? replacing.at(-1) : before?.holder?.taskId
  if (!before || taskId === undefined)
    return { kind: 'started', record: claimed(before, { kind: 'singleton', key, accepted, nowMs }) }
  if (singleton?.onConflict === 'return-existing')
    return { kind: 'existing', taskId, record: { ...remember(before, accepted, taskId), updatedAtMs: nowMs } }
  if (singleton?.onConflict !== 'replace') return { kind: 'refused', taskId, why: 'held-by-other' }
  const predecessors = holderEnded ? replacing : [...replacing, taskId]
  if (predecessors.length > LIMITS.replacedTasks) return { kind: 'refused', taskId, why: 'too-many-replaced' }
  const held: TaskAccepted = { ...accepted, v: 2, held: 'singleton' }
  const record = claimed(before, { kind: 'singleton', key, accepted: held, nowMs })
  return { kind: 'started', record: { ...record, predecessors }, replaced: taskId }
}

function decideDebounced(
  before: SubmissionKey | undefined,
  accepted: TaskAccepted,
  { key, delayMs, maxDelayMs }: Debounce,
  { nowMs, holderEnded }: KeyFacts,
): KeyVerdict {
  const { holder, window, task } = before ?? {}
  if (!before || !holder || !window || window.closed || !task || holderEnded) {
    const dueMs = nowMs + delayMs
    const record = claimed(before, { kind: 'debounce', key, accepted, nowMs })
    return { kind: 'started', record: { ...record, window: { openedAtMs: nowMs, dueMs, submissions: 1 } } }
  }
  const { taskId } = holder
  if (accepted.type !== holder.type) return { kind: 'refused', taskId, why: 'other-type' }
  // It was let in with those of the one before.
  if (camerasOf(accepted) > camerasOf(task)) return { kind: 'refused', taskId, why: 'more-cameras' }
  const dueMs = Math.min(nowMs + delayMs, window.openedAtMs + maxDelayMs)
  const record: SubmissionKey = {
    ...remember(before, accepted, taskId),
    updatedAtMs: nowMs,
    task: { ...accepted, taskId },
    window: { ...window, dueMs, submissions: window.submissions + 1 },
  }
  return { kind: 'merged', taskId, startsAtMs: dueMs, record }
}

function claimed(
  before: SubmissionKey | undefined,
  about: { kind: SubmissionKeyKind; key: string; accepted: TaskAccepted; nowMs: number },
): SubmissionKey {
  const { kind, key, accepted, nowMs } = about
  const { tenant, taskId, type } = accepted
  const empty = { v: 1 as const, tenant, kind, key, updatedAtMs: nowMs, recent: before?.recent ?? [] }
  return {
    ...remember(empty, accepted, taskId),
    holder: { taskId, type, sinceMs: nowMs },
    task: accepted,
    unpublished: true,
  }
}

function repeatOf(
  { holder, recent }: SubmissionKey,
  accepted: TaskAccepted,
): (KeyVerdict & { kind: 'repeated' }) | undefined {
  const known = recent.find(({ id }) => isSameSubmission(id, accepted.taskId))
  if (known) return { kind: 'repeated', taskId: known.taskId, isSame: known.hash === shortHash(accepted) }
  // Its place among the recent ones has gone to others.
  if (holder && isSameSubmission(holder.taskId, accepted.taskId))
    return { kind: 'repeated', taskId: holder.taskId, isSame: true }
  return undefined
}

function remember(record: SubmissionKey, accepted: TaskAccepted, taskId: string): SubmissionKey {
  const entry = { id: accepted.taskId, hash: shortHash(accepted), taskId }
  return { ...record, recent: [...record.recent, entry].slice(-RECENT_SUBMISSIONS) }
}

/** Whether two ids name the same submission, taken in for whichever epoch of the log. Pure. */
export function isSameSubmission(taskId: string, other: string): boolean {
  return withoutRange(taskId) === withoutRange(other)
}

/** Without the version in front, which all have. */
function shortHash({ bodyHash }: TaskAccepted): string {
  return bodyHash.slice(-HASH_CHARACTERS)
}

/** The log has the task that the key names. Pure. */
export function published(record: SubmissionKey): SubmissionKey {
  const { unpublished: _, task, ...rest } = record
  return record.window && task ? { ...rest, task } : rest
}

/** What has to be done for a key when nobody submits: undefined now, or never. */
export type KeyWork =
  /** What it names is to be written into the log. */
  | 'publish'
  /** Nothing is merged any more: what is started is decided. */
  | 'close-window'
  /** What is decided is to be told to the task. */
  | 'start'
  /** Those that are replaced are to be cancelled, and waited for. */
  | 'await-predecessors'
  /** Nobody may need it any more. */
  | 'forget'

/** What is to be done for a key now. Pure. */
export function keyWork(record: KeySummary, nowMs: number): KeyWork | undefined {
  // Whoever wrote it is at it.
  if (record.unpublished) return nowMs - record.updatedAtMs >= PUBLISHES_MS ? 'publish' : undefined
  if (record.window?.closed) return 'start'
  if (record.window) return record.window.dueMs <= nowMs ? 'close-window' : undefined
  if (record.predecessors?.length) return 'await-predecessors'
  return nowMs - record.updatedAtMs >= KEY_MEMORY_MS ? 'forget' : undefined
}

/** What is kept of each key in memory: not the task. */
export type KeySummary = Pick<SubmissionKey, 'updatedAtMs' | 'unpublished' | 'predecessors' | 'window'>

/** How long the one that has accepted a task may take to write it into the log, before another does. Milliseconds. */
const PUBLISHES_MS = 1000

/** From here on it is decided with what the task starts. Pure. */
export function closed(record: SubmissionKey): SubmissionKey {
  return record.window ? { ...record, window: { ...record.window, closed: true } } : record
}

/** The task runs; a debounced one is nobody's any more, a singleton has its key. Pure. */
export function started(record: SubmissionKey, nowMs: number): SubmissionKey {
  const { window, predecessors: _, task: _task, holder, ...rest } = record
  return { ...rest, ...(!window && holder && { holder }), updatedAtMs: nowMs }
}

/** What the task that has the key is told when it may begin. Pure. */
export function releaseOf({ holder, window, task }: SubmissionKey): TaskControl | undefined {
  if (!holder) return undefined
  const { taskId } = holder
  if (!window || !task) return { v: 2, taskId, action: 'release' }
  const { priority, input, plan, template, deadlineMs, labels } = task
  return {
    v: 2,
    taskId,
    action: 'release',
    task: {
      ...{ priority, input, plan, deadlineMs: Math.max(1, deadlineMs - LIMITS.debounceMaxMs) },
      ...(template !== undefined && { template }),
      ...(labels && { labels }),
    },
  }
}

/** What would become of a submission now, for people. Pure. */
export function describeVerdict(verdict: KeyVerdict, key: string): string {
  switch (verdict.kind) {
    case 'started':
      if (verdict.replaced !== undefined)
        return `task ${verdict.replaced} has the key "${key}": it would be cancelled, and this one begin when it is over`
      return verdict.record.window
        ? `nothing waits under the key "${key}": it would wait ${verdict.record.window.dueMs - verdict.record.window.openedAtMs} ms for others`
        : `the key "${key}" is free: it would begin`
    case 'merged':
      return `task ${verdict.taskId} waits under the key "${key}": it would take this input`
    case 'existing':
      return `task ${verdict.taskId} has the key "${key}": it would be the answer, and nothing begin`
    case 'repeated':
      return `it has been submitted before, as task ${verdict.taskId}`
    case 'refused':
      return `task ${verdict.taskId} has the key "${key}": it would be refused`
  }
}
