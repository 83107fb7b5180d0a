import { randomUUID } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { unresolvedCommands } from '../decide/unresolved.ts'
import { decodeEvent, type RawEvent } from './decode-event.ts'
import { EmissionWindow } from './emission-window.ts'
import type { Emitter } from './emitter.ts'
import { EventInbox } from './event-inbox.ts'
import { type Fold, foldBatch, type HeldTask } from './fold-batch.ts'
import type { PartitionObserver } from './partition-observer.ts'
import type { Commit, PartitionPosition, PartitionStore } from './partition-store.ts'
import { PartitionTimers } from './partition-timers.ts'
import { TaskCache } from './task-cache.ts'

export interface PartitionOwnerDeps {
  partition: number
  bus: Bus
  store: PartitionStore
  emitter: Emitter
  observer: PartitionObserver
  clock: Clock
  log: Log
  options: { keepFinishedMs: number; cachedTasks: number }
}

const BATCH_EVENTS = 1000
const EMISSIONS_UNDER_WAY = 8
const RETRY_MS = 100
const WATCH_MS = 1000

/** Somebody else has moved the partition on, or the store has forgotten: what we hold is worth nothing. */
class PositionLost extends Error {}

/**
 * Owns one partition while it holds its lease: reads its events in order, folds them, commits, emits.
 *
 *   position? ── no ──► rebuilding: folds from the log's start, emits nothing until level, then what is unresolved
 *      │ yes                                     │
 *      ▼                                         ▼
 *   sends again what lies between the emitted watermark and the offset ──► following: batch → fold → commit → emit
 *                                                                              │
 *      any refused commit, any position that is not ours ──► starts over ◄─────┘
 */
export class PartitionOwner {
  readonly #deps: PartitionOwnerDeps
  readonly #stopping = new AbortController()
  #done: Promise<void> = Promise.resolve()
  #inbox = new EventInbox()
  #offset: number | undefined
  #committing = false
  #level = false

  constructor(deps: PartitionOwnerDeps) {
    this.#deps = deps
  }

  get partition(): number {
    return this.#deps.partition
  }

  /** Read from the log and not folded yet. */
  get lagEvents(): number {
    return this.#inbox.size
  }

  /** Caught up with the log once since it took over. */
  get isLevel(): boolean {
    return this.#level
  }

  start(): void {
    this.#done = this.#run()
  }

  /** Finishes the batch in hand and waits for what it emits. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#inbox.close()
    await this.#done
  }

  async #run(): Promise<void> {
    const { log, clock, partition, observer } = this.#deps
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#followOnce()
      } catch (error) {
        if (error instanceof PositionLost) observer.onConflict()
        log.warn({ partition, err: error }, 'partition starts over')
        await clock.sleep(RETRY_MS, this.#stopping.signal)
      }
    }
  }

  async #followOnce(): Promise<void> {
    const { bus, store, partition, clock, log } = this.#deps
    const position = await store.position(partition)
    const levelAt = await bus.lastLogSeq(STREAMS.log.name, partition)
    this.#offset = position?.offset
    this.#inbox = new EventInbox()
    const inbox = this.#inbox
    if (this.#stopping.signal.aborted) return
    const reader = bus.readLog({
      stream: STREAMS.log.name,
      filterSubject: SUBJECTS.logOfPartition(partition),
      fromSeq: (position?.offset ?? 0) + 1,
      onMessage: (message) => inbox.push(message),
      onTrouble: (what) => log.warn({ partition, what }, 'reading the log was interrupted'),
    })
    const timers = new PartitionTimers({
      partition,
      store,
      bus,
      clock,
      onTrouble: (error) => log.warn({ partition, err: error }, 'timers could not be read'),
    })
    const watch = setInterval(() => void this.#checkPosition(inbox), WATCH_MS)
    try {
      await this.#follow(position, levelAt, timers)
    } finally {
      clearInterval(watch)
      timers.stop()
      this.#deps.emitter.clear?.()
      await reader.stop()
    }
  }

  async #follow(
    position: PartitionPosition | undefined,
    levelAt: number,
    timers: PartitionTimers,
  ): Promise<void> {
    const cache = new TaskCache(this.#deps.options.cachedTasks)
    const { emitter } = this.#deps
    const window = new EmissionWindow(position?.emitted ?? 0, EMISSIONS_UNDER_WAY, () => emitter.heldFrom)
    const inbox = this.#inbox
    // Nothing emitted yet: a new partition, or a rebuilding that was cut short and is not level either.
    const rebuild = (position?.emitted ?? 0) === 0 && (position?.offset ?? 0) < levelAt
    let emitting = !rebuild
    if (emitting) {
      if (position && position.emitted < position.offset) await this.#emitAgain(position.emitted)
      this.#becomeLevel(timers)
    }
    while (!this.#stopping.signal.aborted) {
      const batch = await inbox.take(BATCH_EVENTS)
      if (batch.length === 0) break
      const fold = await this.#foldAndCommit(batch, cache, emitting ? window.watermark : 0)
      timers.arm(fold.earliestDueMs)
      if (emitting) {
        const emission = this.#deps.emitter.emit(fold.work)
        // What failed is to be sent again now, not when the next event happens to come.
        emission.catch(() => inbox.close())
        await window.add(this.#offset!, emission)
      } else if (this.#offset! >= levelAt) {
        await this.#emitAgain(0)
        emitting = true
        await window.add(this.#offset!, Promise.resolve())
        this.#becomeLevel(timers)
      }
    }
    await window.settled()
    if (emitting && this.#offset !== undefined)
      await this.#deps.store.markEmitted(this.partition, this.#offset, window.watermark)
  }

  #becomeLevel(timers: PartitionTimers): void {
    timers.start()
    this.#level = true
  }

  async #foldAndCommit(batch: RawEvent[], cache: TaskCache, emitted: number): Promise<Fold> {
    const { observer, clock, options, partition } = this.#deps
    const events = this.#decode(batch)
    const loaded = await this.#load(events, cache)
    const fold = foldBatch(events, (id) => cache.get(id) ?? loaded.get(id), options)
    for (const command of fold.late) if (command.kind === 'RecordLate') observer.onLate(command.reason)
    const commit: Commit = {
      id: randomUUID(),
      expectedOffset: this.#offset,
      offset: batch.at(-1)!.seq,
      emitted,
      writes: fold.writes,
      depth: fold.depth,
      tenants: fold.tenants,
    }
    const startedMs = clock.monotonicMs()
    this.#committing = true
    try {
      if (!(await this.#untilAnswered(() => this.#deps.store.commit(partition, commit))))
        throw new PositionLost('commit refused')
      this.#offset = commit.offset
    } finally {
      this.#committing = false
    }
    observer.onBatch(events.length, clock.monotonicMs() - startedMs)
    this.#observeResults(events, fold)
    cache.put(fold.held)
    return fold
  }

  #decode(batch: RawEvent[]): LogEvent[] {
    const events: LogEvent[] = []
    for (const raw of batch) {
      const decoded = decodeEvent(raw)
      // It stays in the log for people to look at; skipping it is as deterministic as folding it.
      if ('fault' in decoded) this.#deps.observer.onUndecodable(decoded.fault, raw.seq)
      else events.push(decoded.event)
    }
    return events
  }

  /** Reads the tasks that are not in memory, all in one call. Finished ones are among them: a late event must meet them. */
  async #load(events: LogEvent[], cache: TaskCache): Promise<ReadonlyMap<string, HeldTask>> {
    const missing = new Set<string>()
    for (const event of events) if (!cache.has(event.body.taskId)) missing.add(event.body.taskId)
    const loaded = new Map<string, HeldTask>()
    if (missing.size === 0) return loaded
    const ids = [...missing]
    const states = await this.#untilAnswered(() => this.#deps.store.readTasks(this.partition, ids))
    for (const [i, state] of states.entries())
      if (state) loaded.set(ids[i]!, { state, storedDueMs: undefined })
    return loaded
  }

  #observeResults(events: LogEvent[], fold: Fold): void {
    for (const event of events) {
      if (event.kind !== 'result') continue
      const held = fold.held.get(event.body.taskId)
      if (held) this.#deps.observer.onResult(event.body, held.state)
    }
  }

  /** Sends the unresolved commands of active tasks that changed after `sinceSeq`; the ids in them make twice harmless. */
  async #emitAgain(sinceSeq: number): Promise<void> {
    const { store, emitter, partition } = this.#deps
    // Every active task has a timer, if only its deadline.
    const active = await store.dueTimers(partition, Number.MAX_SAFE_INTEGER, 1_000_000)
    for (let i = 0; i < active.length; i += BATCH_EVENTS) {
      const states = await store.readTasks(
        partition,
        active.slice(i, i + BATCH_EVENTS).map((timer) => timer.taskId),
      )
      const work = states
        .filter((state) => state !== undefined && state.seq > sinceSeq)
        .map((state) => ({ state: state!, commands: unresolvedCommands(state!) }))
      await emitter.emit(work)
    }
  }

  /** Redis may be emptied while nothing happens in the partition: nobody would notice before the next event. */
  async #checkPosition(inbox: EventInbox): Promise<void> {
    if (this.#committing || this.#offset === undefined) return
    const { log, store, partition, observer } = this.#deps
    const expected = this.#offset
    try {
      const position = await store.position(partition)
      if (this.#committing || this.#offset !== expected || position?.offset === expected) return
      log.warn({ partition, expected, found: position?.offset ?? 'none' }, 'the stored offset is another one')
      observer.onConflict()
      inbox.close()
    } catch (error) {
      log.warn({ partition, reason: messageOf(error) }, 'the stored offset could not be read')
    }
  }

  /** Repeats a call to the store until it answers: Redis may be away for a while, and then goes on where it was. */
  async #untilAnswered<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (this.#stopping.signal.aborted) throw error
        this.#deps.log.warn({ partition: this.partition, reason: messageOf(error) }, 'store does not answer')
        await this.#deps.clock.sleep(RETRY_MS, this.#stopping.signal)
      }
    }
  }
}
