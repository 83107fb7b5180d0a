import type { Clock } from '#platform/clock/clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { openCounts } from '#workflow/decide/step-counts.ts'
import type { RawEvent } from './decode-event.ts'
import { decodeMessage } from './decode-message.ts'
import type { Discarded } from './discarded-messages.ts'
import { type Fold, type FoldOptions, foldBatch, type HeldTask } from './fold-batch.ts'
import { refoldTasks } from './log-scans.ts'
import type { PartitionObserver } from './partition-observer.ts'
import {
  type Commit,
  CommitRefused,
  commitId,
  type PartitionStore,
  type UnreadableTask,
} from './partition-store.ts'
import { harder, type Quarantine, unknownTask } from './quarantine.ts'
import { LaterState } from './stored-task.ts'
import { TaskCache } from './task-cache.ts'

/** Somebody else has moved the partition on, or the store has forgotten: what we hold is worth nothing. */
export class PositionLost extends Error {}

export interface PartitionFoldDeps {
  partition: number
  bus: Bus
  store: PartitionStore
  observer: PartitionObserver
  clock: Clock
  options: { keepFinishedMs: number; cachedTasks: number } & Pick<FoldOptions, 'isProven'>
  signal: AbortSignal
  /** The last state of a task that was written as a checkpoint; undefined: there is none. */
  checkpointOf?: ((taskId: string) => Promise<TaskState | undefined> | undefined) | undefined
  /** Repeats a call to the store until it answers; what no repeating mends is thrown. */
  retryUntilAnswered: <T>(call: () => Promise<T>) => Promise<T>
}

/** Where a fold begins, and where it is level. */
export interface FoldStart {
  offset: number
  level: boolean
  levelAt: number
  stream: string
  storedAtMs: number
  /** Under which its commits are counted: it was stored with the position. */
  claim: string
  /** Commits that were made under it already, behind that which made it. */
  commits?: number
  /** The broker's time now, as far as it is known. Unix ms. */
  brokerNowMs: () => number
}

/** A part of the log that is folded and committed, and what is to be done for it. */
export interface FoldedPart {
  offset: number
  fold: Fold
  discarded: Discarded[]
}

interface Part {
  /** Whole messages. */
  raws: RawEvent[]
  events: LogEvent[]
  discarded: Discarded[]
  /** It is one message, and there is more in it than these events: the offset stays in front of it. */
  isOpen?: boolean
}

/**
 * The state of one partition as it moves on: decodes what was read, folds it, commits. What can't go on is found and set
 * aside, as small as possible: a message, an event of a task, a task; never the partition.
 */
export class PartitionFold {
  readonly #deps: PartitionFoldDeps
  readonly #start: FoldStart
  readonly #cache: TaskCache
  #offset: number
  #level: boolean
  #storedAtMs: number
  #committing = false
  #commits = 0
  #later: LaterState | undefined

  constructor(deps: PartitionFoldDeps, start: FoldStart) {
    this.#deps = deps
    this.#start = start
    this.#cache = new TaskCache(deps.options.cachedTasks)
    this.#offset = start.offset
    this.#level = start.level
    this.#storedAtMs = start.storedAtMs
    this.#commits = start.commits ?? 0
  }

  get offset(): number {
    return this.#offset
  }

  get isLevel(): boolean {
    return this.#level
  }

  get isCommitting(): boolean {
    return this.#committing
  }

  /** The event that comes next is of a version that is not known here, or its key is not here. */
  get later(): LaterState | undefined {
    return this.#later
  }

  /** Folds and commits, up to an event of a later version. @throws PositionLost, CommitRefused, LaterState */
  async take(batch: RawEvent[], emitted: number): Promise<FoldedPart[]> {
    const part = this.#decode(batch)
    return part.raws.length === 0 ? [] : this.#settle(part, emitted)
  }

  /** Says in the store that what is not there does not exist. */
  async becomeLevel(emitted: number): Promise<void> {
    this.#level = true
    const nothing = { writes: [], depth: new Map(), tenants: new Map() }
    await this.#commit({ ...nothing, offset: this.#offset, storedAtMs: this.#storedAtMs, emitted })
  }

  #decode(batch: RawEvent[]): Part {
    const part: Part = { raws: [], events: [], discarded: [] }
    for (const raw of batch) {
      for (const { raw: own, decoded } of decodeMessage(raw)) {
        if ('later' in decoded) {
          this.#later = new LaterState(decoded.later, { cause: decoded.cause })
          return part
        }
        if ('isMark' in decoded) continue
        if (decoded.fault !== undefined) this.#deps.observer.onUndecodable(decoded.fault, raw.seq)
        // It stays in the log for people to look at; skipping it is as deterministic as folding it.
        if ('event' in decoded) part.events.push(decoded.event)
        else part.discarded.push({ raw: own, fault: decoded.fault, agent: decoded.agent })
      }
      part.raws.push(raw)
    }
    return part
  }

  async #settle(part: Part, emitted: number): Promise<FoldedPart[]> {
    const last = part.raws.at(-1)!
    const takenAtMs = this.#deps.clock.monotonicMs()
    const { loaded, quarantined } = await this.#load(part)
    for (;;) {
      const fold = foldBatch(part.events, (id) => this.#cache.get(id) ?? loaded.get(id), {
        ...this.#deps.options,
        nowMs: Math.max(this.#start.brokerNowMs(), last.storedAtMs),
        quarantined,
      })
      const { writes, depth, tenants, steps } = fold
      const place = part.isOpen
        ? { offset: this.#offset, storedAtMs: this.#storedAtMs }
        : { offset: last.seq, storedAtMs: last.storedAtMs }
      const startedMs = this.#deps.clock.monotonicMs()
      try {
        await this.#commit({ writes, depth, tenants, steps: this.#counted(steps), emitted, ...place })
        const waitedMs = this.#start.brokerNowMs() - part.raws[0]!.storedAtMs
        this.#deps.observer.onBatch(part.events.length, this.#deps.clock.monotonicMs() - startedMs, waitedMs)
        this.#observe(part, fold, quarantined, this.#deps.clock.monotonicMs() - takenAtMs)
        this.#cache.put(fold.held)
        return [{ offset: place.offset, fold, discarded: part.discarded }]
      } catch (error) {
        if (!(error instanceof CommitRefused)) throw error
        // Of many events one makes it fail: halved until it is alone, by message and then within one.
        if (error.taskId === undefined && part.raws.length > 1) return this.#settleHalves(part, emitted)
        if (error.taskId === undefined && part.events.length > 1) return this.#settleResults(part, emitted)
        const taskId = error.taskId ?? part.events[0]?.body.taskId
        const next = taskId === undefined ? undefined : harder(quarantined.get(taskId), error.message)
        if (!next) throw error
        quarantined.set(taskId!, next)
      }
    }
  }

  /** What comes again while the partition is made anew was done long ago: who measures how fast agents are must not see it. */
  #counted(steps: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    return this.#level ? steps : openCounts(steps)
  }

  async #settleHalves({ raws, events, discarded }: Part, emitted: number): Promise<FoldedPart[]> {
    const half = raws.length >> 1
    const border = raws[half]!.seq
    const first = await this.#settle(
      {
        raws: raws.slice(0, half),
        events: events.filter(({ seq }) => seq < border),
        discarded: discarded.filter(({ raw }) => raw.seq < border),
      },
      emitted,
    )
    const second = await this.#settle(
      {
        raws: raws.slice(half),
        events: events.filter(({ seq }) => seq >= border),
        discarded: discarded.filter(({ raw }) => raw.seq >= border),
      },
      emitted,
    )
    return [...first, ...second]
  }

  /**
   * Halves one message. What is committed of it first stands in the store in front of the offset, as after a commit that broke off: an owner
   * that finds it there passes over it, and sends what follows from it again.
   */
  async #settleResults({ events, ...part }: Part, emitted: number): Promise<FoldedPart[]> {
    const half = events.length >> 1
    const open = { ...part, events: events.slice(0, half), discarded: [], isOpen: true }
    const first = await this.#settle(open, emitted)
    return [...first, ...(await this.#settle({ ...part, events: events.slice(half) }, emitted))]
  }

  async #commit(
    about: Pick<Commit, 'writes' | 'depth' | 'tenants' | 'steps' | 'offset' | 'emitted'> & {
      storedAtMs: number
    },
  ): Promise<void> {
    const { storedAtMs, ...rest } = about
    const { store, partition, retryUntilAnswered } = this.#deps
    const level = this.#level || about.offset >= this.#start.levelAt
    const log = { stream: this.#start.stream, storedAtMs }
    const id = commitId(this.#start.claim, this.#commits + 1)
    const commit: Commit = { id, expectedOffset: this.#offset, level, log, ...rest }
    this.#committing = true
    try {
      if (!(await retryUntilAnswered(() => store.commit(partition, commit))))
        throw new PositionLost('commit refused')
      this.#commits++
      this.#offset = commit.offset
      this.#storedAtMs = storedAtMs
      this.#level = level
    } finally {
      this.#committing = false
    }
  }

  /** Reads the tasks that are not in memory, all in one call. Finished ones are among them: a late event must meet them. */
  async #load({ events, raws }: Part): Promise<{
    loaded: Map<string, HeldTask>
    quarantined: Map<string, Quarantine>
  }> {
    const missing = new Set<string>()
    for (const event of events) if (!this.#cache.has(event.body.taskId)) missing.add(event.body.taskId)
    const loaded = new Map<string, HeldTask>()
    const quarantined = new Map<string, Quarantine>()
    if (missing.size === 0) return { loaded, quarantined }
    const { store, partition, retryUntilAnswered } = this.#deps
    const ids = [...missing]
    const unreadable = new Map<string, UnreadableTask>()
    const states = await retryUntilAnswered(() =>
      store.readTasks(partition, ids, (task) => void unreadable.set(task.id, task)),
    )
    for (const { keyMissing } of unreadable.values())
      if (keyMissing) throw new LaterState(keyMissing.message, { cause: keyMissing })
    if (states.some((state) => state !== undefined && state.seq > this.#offset)) await this.#assertPosition()
    for (const [i, state] of states.entries())
      if (state) loaded.set(ids[i]!, { state, storedDueMs: undefined })
    if (unreadable.size > 0) await this.#repair(unreadable, { loaded, quarantined, beforeSeq: raws[0]!.seq })
    return { loaded, quarantined }
  }

  /**
   * A task is ahead of the partition: after a commit that broke off, or because another owner has moved it on. What that one did may be
   * lost again before our commit, which would leave it out. @throws PositionLost
   */
  async #assertPosition(): Promise<void> {
    const { store, partition, retryUntilAnswered } = this.#deps
    const found = await retryUntilAnswered(() => store.position(partition))
    if (found?.offset !== this.#offset) throw new PositionLost('a task is ahead of the partition')
  }

  /** What can't be read of the store is made again from the log; what the log does not have any more can't go on. */
  async #repair(
    unreadable: ReadonlyMap<string, UnreadableTask>,
    into: { loaded: Map<string, HeldTask>; quarantined: Map<string, Quarantine>; beforeSeq: number },
  ): Promise<void> {
    const { bus, partition, observer, options, signal, checkpointOf } = this.#deps
    const ids = [...unreadable.keys()]
    const bases = await Promise.all(ids.map((id) => checkpointOf?.(id)))
    const made = await refoldTasks({ bus, partition, options, signal }, ids, { ...into, bases })
    for (const task of unreadable.values()) {
      const state = made.get(task.id)
      observer.onUnreadable(task.id, task.why, state !== undefined)
      into.loaded.set(task.id, {
        state: state ?? unknownTask(task, this.#start.brokerNowMs()),
        storedDueMs: undefined,
        repaired: true,
      })
      if (!state)
        into.quarantined.set(task.id, { why: `${task.why}, and the log has it no more`, keep: 'all' })
    }
  }

  /** Reports after the commit, so that each thing is reported once. No report may stop the partition. */
  #observe({ events }: Part, fold: Fold, quarantined: ReadonlyMap<string, Quarantine>, tookMs: number): void {
    const { observer } = this.#deps
    for (const command of fold.late) if (command.kind === 'RecordLate') observer.onLate(command.reason)
    for (const [id, { why }] of quarantined) {
      if (fold.held.get(id)?.state.error?.code === 'TASK_QUARANTINED') observer.onQuarantine(id, why)
    }
    for (const event of events) {
      if (event.kind !== 'result') continue
      const held = fold.held.get(event.body.taskId)
      if (held) observer.onResult(event.body, held.state, tookMs)
    }
  }
}
