import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { LogFollower } from '#platform/nats/log-reader.ts'
import type { Check } from '#platform/telemetry/health-server.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { isTerminal } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { type Command, unresolvedCommands } from '#workflow/decide/commands.ts'
import type { CheckpointKeeper, PartitionCheckpointing } from '../checkpoints/checkpoint-keeper.ts'
import { keepDiscarded } from './discarded-messages.ts'
import { EmissionWindow } from './emission-window.ts'
import type { Emitter } from './emitter.ts'
import { EventInbox } from './event-inbox.ts'
import type { FoldOptions } from './fold-batch.ts'
import { touchedTasks } from './log-scans.ts'
import { type OpenedPartition, openPartition } from './open-partition.ts'
import { type FoldedPart, PartitionFold, PositionLost } from './partition-fold.ts'
import type { PartitionObserver } from './partition-observer.ts'
import { CommitRefused, type PartitionStore, PositionUnreadable } from './partition-store.ts'
import { PartitionTimers } from './partition-timers.ts'
import { ProgressWatch } from './progress-watch.ts'
import { LaterState } from './stored-task.ts'

export interface PartitionOwnerDeps {
  partition: number
  bus: Bus
  store: PartitionStore
  emitter: Emitter
  observer: PartitionObserver
  clock: Clock
  log: Log
  options: { keepFinishedMs: number; cachedTasks: number } & Pick<FoldOptions, 'isProven'>
  /** Where states of tasks that live for long are kept. */
  checkpoints?: PartitionCheckpointing | undefined
}

const BATCH_EVENTS = 1000
const MAX_CONCURRENT_EMISSIONS = 8
const RETRY_MS = 100
const MAX_RETRY_MS = 2000
const WATCH_MS = 1000
const TRIM_INTERVAL_POLLS = 2
/** What can't be stored is built anew, but not again and again. */
const MIN_REBUILD_INTERVAL_MS = 60_000

/** What somebody waits for, whose task may have ended before it was out: poison for people, a parent for its child, a child for its end. */
const OF_ENDED: ReadonlySet<Command['kind']> = new Set(['BuryStep', 'ReportToParent', 'CancelChild'])
/** Of a dead letter that is younger the broker still knows the id, with some time to spare. */
const KNOWN_LETTERS_MS = STREAMS.dead.duplicateWindowMs - 20_000

type Since = Parameters<typeof unresolvedCommands>[1]

/**
 * Owns one partition while it holds its lease: reads its events in order, folds them, commits, emits.
 *
 *   position of this very log? ── no ──► rebuilding: checkpoints, then what the log has behind them; emits nothing until level,
 *      │ yes                                     │          then what is unresolved
 *      ▼                                         ▼
 *   sends again what lies between the emitted watermark and the offset ──► following: batch → fold → commit → emit
 *                                                                              │
 *      any refused commit, any position that is not ours, another log ──► starts over ◄─────┘
 */
export class PartitionOwner {
  readonly #deps: PartitionOwnerDeps
  readonly #stopping = new AbortController()
  readonly #progress: ProgressWatch
  #done: Promise<void> = Promise.resolve()
  #inbox = new EventInbox()
  #reader: LogFollower | undefined
  #fold: PartitionFold | undefined
  #keeper: CheckpointKeeper | undefined
  #retired: LaterState | undefined
  #rebuiltAtMs = Number.NEGATIVE_INFINITY
  #polls = 0

  constructor(deps: PartitionOwnerDeps) {
    this.#deps = deps
    this.#progress = new ProgressWatch(deps.partition, deps.clock.monotonicMs())
  }

  get partition(): number {
    return this.#deps.partition
  }

  /** In the log and not folded yet, as far as it is known. */
  get lagEvents(): number {
    return this.#inbox.size + (this.#reader?.unread ?? 0)
  }

  /** Caught up with the log once since it took over. */
  get isLevel(): boolean {
    return this.#fold?.isLevel ?? false
  }

  /** Up to when its log is needed no more. Unix ms; undefined: not known. */
  get passedMs(): number | undefined {
    return this.#keeper?.passedMs
  }

  /** Why it goes no further, when only a later version can, or one that has a key. */
  get retired(): LaterState | undefined {
    return this.#retired
  }

  /** How long it has not moved although there is something to do. Milliseconds. */
  get stuckMs(): number {
    return this.#progress.stuckMs(this.#deps.clock.monotonicMs())
  }

  /** Whether it answers for its tasks and moves, for readiness: it follows the log, and knows all that was in there. */
  check(): Check {
    const moves = this.#progress.check(this.lagEvents, this.#deps.clock.monotonicMs())
    if (!moves.ok || (this.isLevel && this.#reader?.isReading)) return moves
    const what = this.isLevel || !this.#fold ? 'is being opened' : 'is made again from the log'
    return { ok: false, detail: `partition ${this.partition} ${what}, ${this.lagEvents} events wait` }
  }

  start(): void {
    this.#progress.moved(this.#deps.clock.monotonicMs())
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
    const { signal } = this.#stopping
    let retryMs = RETRY_MS
    let unstorable = false
    while (!signal.aborted && this.#retired === undefined) {
      const startedMs = clock.monotonicMs()
      try {
        await this.#followOnce(unstorable)
        unstorable = false
      } catch (error) {
        if (error instanceof LaterState) {
          this.#retired = error
          observer.onLater(partition, error)
          return
        }
        if (signal.aborted) return
        if (error instanceof PositionLost) observer.onConflict()
        unstorable = this.#mayRebuild(error)
        log.warn({ partition, err: error }, 'partition starts over')
        this.#progress.onTrouble(messageOf(error))
        // What fails again at once is left alone for longer each time.
        const soon = clock.monotonicMs() - startedMs < MAX_RETRY_MS
        retryMs = soon ? Math.min(MAX_RETRY_MS, retryMs * 2) : RETRY_MS
        await clock.sleep(error instanceof PositionLost ? RETRY_MS : retryMs / 2, signal)
      }
    }
  }

  /** Not even one event, with nothing left of its task, could be stored: then it is what stands there already. */
  #mayRebuild(error: unknown): boolean {
    if (!(error instanceof CommitRefused)) return false
    const nowMs = this.#deps.clock.monotonicMs()
    if (nowMs - this.#rebuiltAtMs < MIN_REBUILD_INTERVAL_MS) return false
    this.#rebuiltAtMs = nowMs
    return true
  }

  async #followOnce(unstorable: boolean): Promise<void> {
    const { bus, partition, clock, log, store, observer } = this.#deps
    const { signal } = this.#stopping
    const { checkpoints } = this.#deps
    const opening = { ...this.#deps, checkpoints: checkpoints?.log, signal }
    const opened = await openPartition(opening, unstorable ? 'unreadable-store' : undefined)
    if (signal.aborted) return
    if (opened.resetAtMs !== undefined) this.#deps.emitter.onReset?.(opened.resetAtMs)
    const retryUntilAnswered = <T>(call: () => Promise<T>) => this.#retryUntilAnswered(call)
    const checkpointOf = (taskId: string) => checkpoints?.checkpointOf(partition, taskId)
    const fold = new PartitionFold({ ...this.#deps, signal, retryUntilAnswered, checkpointOf }, opened)
    this.#fold = fold
    const inbox = new EventInbox()
    this.#inbox = inbox
    const { stream, offset: seq, storedAtMs } = opened
    const reader = bus.consumers.followLog({
      stream: STREAMS.log.name,
      filterSubject: SUBJECTS.logOfPartition(partition),
      fromSeq: seq + 1,
      after: { stream, seq, storedAtMs },
      room: () => inbox.room,
      pollIntervalMs: WATCH_MS,
      onMessage: (message) => inbox.push(message),
      onTrouble: (what) => log.warn({ partition, what }, 'reading the log was interrupted'),
      onRestart: (why) => observer.onReaderRestart(partition, why),
      onBreak: () => inbox.close(),
    })
    this.#reader = reader
    const onTrouble = (error: unknown) => log.warn({ partition, err: error }, 'timers could not be read')
    const timers = new PartitionTimers({ partition, store, bus, clock, onTrouble })
    const watch = setInterval(() => void this.#poll(inbox, fold), WATCH_MS)
    try {
      await this.#follow(opened, { fold, inbox, reader, timers })
    } finally {
      clearInterval(watch)
      timers.stop()
      await this.#keeper?.stop()
      this.#keeper = undefined
      this.#deps.emitter.clear?.()
      await reader.stop()
    }
  }

  async #follow(
    opened: OpenedPartition,
    {
      fold,
      inbox,
      reader,
      timers,
    }: { fold: PartitionFold; inbox: EventInbox; reader: LogFollower; timers: PartitionTimers },
  ): Promise<void> {
    const { store, clock, emitter, checkpoints } = this.#deps
    const window = new EmissionWindow(opened.emitted, MAX_CONCURRENT_EMISSIONS, () => emitter.heldFrom)
    let emitting = false
    const begin = async () => {
      emitting = true
      await this.#settleLevel(fold, window.watermark, opened)
      timers.start()
      await window.add(fold.offset, Promise.resolve())
      const { claim, stream, horizon } = opened
      const owned = { claim, stream, horizon, offset: fold.offset, sent: () => window.sent }
      this.#keeper = checkpoints?.createKeeper?.(this.partition, owned)
      this.#keeper?.start()
    }
    if (opened.level || opened.offset >= opened.levelAt) await begin()
    while (!this.#stopping.signal.aborted) {
      const batch = await inbox.take(BATCH_EVENTS)
      if (batch.length === 0) break
      reader.more()
      const parts = await fold.take(batch, emitting ? window.watermark : 0)
      this.#progress.moved(clock.monotonicMs())
      for (const part of parts) {
        timers.arm(part.fold.earliestDueMs)
        this.#keeper?.onFolded(part.offset, part.fold.writes)
        if (emitting) await this.#emit(part, window, inbox)
      }
      if (!emitting && fold.isLevel) await begin()
      if (fold.later !== undefined) break
    }
    await window.settled()
    if (emitting) await store.markEmitted(this.partition, fold.offset, window.watermark)
    if (fold.later !== undefined) throw fold.later
  }

  async #emit(part: FoldedPart, window: EmissionWindow, inbox: EventInbox): Promise<void> {
    keepDiscarded(this.#deps, part.discarded)
    const emission = this.#deps.emitter.emit(part.fold.work)
    // What failed is to be sent again now, not when the next event happens to come.
    emission.catch(() => inbox.close())
    await window.add(part.offset, emission)
  }

  /** Everything is folded that there was: sends what is unresolved, and tells what did not come again. */
  async #settleLevel(fold: PartitionFold, emitted: number, opened: OpenedPartition): Promise<void> {
    const { store, observer, checkpoints } = this.#deps
    if (!fold.isLevel) await fold.becomeLevel(emitted)
    const { count, examples } = await store.settleReset(this.partition)
    // What ended before the horizon is not among them: the archive has it.
    if (!opened.horizon || !checkpoints?.isArchived()) observer.onLost(this.partition, count, examples)
    const { rebuildSinceMs } = opened
    if (rebuildSinceMs !== undefined)
      observer.onRebuilt?.(this.partition, this.#deps.clock.monotonicMs() - rebuildSinceMs)
    if (emitted >= fold.offset) return
    // Of what is built anew nobody knows what is out: of dead letters those are sent again that the broker would know as doubles.
    const since = opened.level ? { seq: emitted } : { atMs: opened.brokerNowMs() - KNOWN_LETTERS_MS }
    await this.#reemitUnresolved(emitted, since)
    await this.#settleEnded({ afterSeq: emitted, toSeq: fold.offset }, since)
  }

  /** Sends the unresolved commands of active tasks that changed after `sinceSeq`; the ids in them make twice harmless. */
  async #reemitUnresolved(sinceSeq: number, since: Since): Promise<void> {
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
        .map((state) => ({ state: state!, commands: unresolvedCommands(state!, since) }))
      await emitter.emit(work)
    }
  }

  /** What tasks owe to others that have ended meanwhile: only the log leads to it. That they have ended is announced once or not at all. */
  async #settleEnded(range: { afterSeq: number; toSeq: number }, since: Since): Promise<void> {
    const { bus, store, emitter, partition } = this.#deps
    const ids = await touchedTasks({ bus, partition, signal: this.#stopping.signal }, range)
    for (let i = 0; i < ids.length; i += BATCH_EVENTS) {
      const states = await store.readTasks(partition, ids.slice(i, i + BATCH_EVENTS))
      const work = states.flatMap((state) => {
        if (!state || !isTerminal(state.status)) return []
        const commands = unresolvedCommands(state, since).filter(({ kind }) => OF_ENDED.has(kind))
        return commands.length > 0 ? [{ state, commands }] : []
      })
      if (work.length > 0) await emitter.emit(work)
    }
  }

  /** Redis may be emptied while nothing happens in the partition: nobody would notice before the next event. */
  async #poll(inbox: EventInbox, fold: PartitionFold): Promise<void> {
    const { log, store, partition, observer, clock } = this.#deps
    if (this.lagEvents === 0 && !fold.isCommitting) this.#progress.moved(clock.monotonicMs())
    if (fold.isCommitting) return
    const expected = fold.offset
    try {
      if (++this.#polls % TRIM_INTERVAL_POLLS === 0) await store.trimIndex(partition)
      const found = await store.position(partition).catch((error: unknown) => {
        if (error instanceof PositionUnreadable) return undefined
        throw error
      })
      if (fold.isCommitting || fold.offset !== expected || found?.offset === expected) return
      log.warn({ partition, expected, found: found?.offset ?? 'none' }, 'the stored offset is another one')
      observer.onConflict()
      inbox.close()
    } catch (error) {
      log.warn({ partition, reason: messageOf(error) }, 'the stored offset could not be read')
    }
  }

  /** Repeats a call to the store until it answers: Redis may be away for a while, and then goes on where it was. */
  async #retryUntilAnswered<T>(call: () => Promise<T>): Promise<T> {
    for (let retryMs = RETRY_MS; ; retryMs = Math.min(MAX_RETRY_MS, 2 * retryMs)) {
      try {
        return await call()
      } catch (error) {
        if (error instanceof CommitRefused || error instanceof LaterState || this.#stopping.signal.aborted)
          throw error
        this.#progress.onTrouble(messageOf(error))
        this.#deps.log.warn({ partition: this.partition, reason: messageOf(error) }, 'store does not answer')
        await this.#deps.clock.sleep(retryMs, this.#stopping.signal)
      }
    }
  }
}
