import type { Bus } from '#platform/nats/bus.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import {
  CheckpointKeeper,
  type CheckpointKeeperDeps,
} from '../../services/orchestrator/checkpoints/checkpoint-keeper.ts'
import { purgeBound, slackOf } from '../../services/orchestrator/checkpoints/checkpoint-rules.ts'
import { NotOwned } from '../../services/orchestrator/checkpoints/partition-checkpoints.ts'
import type { RawEvent } from '../../services/orchestrator/partition/decode-event.ts'
import { decodeMessage } from '../../services/orchestrator/partition/decode-message.ts'
import { foldBatch, type HeldTask } from '../../services/orchestrator/partition/fold-batch.ts'
import { type OpenedPartition, openPartition } from '../../services/orchestrator/partition/open-partition.ts'
import { commitId } from '../../services/orchestrator/partition/partition-store.ts'
import type { Clock } from '../../services/platform/clock/clock.ts'
import { MemoryCheckpointLog } from './memory-checkpoint-log.ts'
import { MemoryPartitionStore } from './memory-partition-store.ts'
import { quietLog, quietObserver } from './owner-fixture.ts'

const CREATED = 'born-1'
export const KEEP_MS = 86_400_000

/** The log of partition 0 with its owner, checkpoints and purges, step by step, in memory: a process may end before any of its writes. */
export class CheckpointedLog {
  readonly store = new MemoryPartitionStore()
  readonly checkpoints = new MemoryCheckpointLog()
  readonly unreadable: string[] = []
  readonly rebuilds: string[] = []
  readonly problems: string[] = []
  #messages: readonly RawEvent[]
  readonly #all: readonly RawEvent[]
  readonly #marginMs: number
  readonly #archived: boolean
  #stored = 0
  #firstSeq = 1
  archivedUpTo = 0
  /** How full the log is. */
  fill = 0
  /** Where the mark behind the horizon is. The log is what it is: nothing comes into it that is not of its tasks. */
  mark = Number.MAX_SAFE_INTEGER
  /** No release before runs. */
  mayPurge = true
  nowMs: number
  #opened: OpenedPartition | undefined
  #commits = 0
  offset = 0
  #keeper: CheckpointKeeper | undefined
  /** Of owners that are no more, and do not know it. */
  readonly #stale: CheckpointKeeper[] = []
  #frozen: { round: Promise<void>; thaw: () => void } | undefined

  constructor(messages: readonly RawEvent[], about: { marginMs: number; isArchived: boolean }) {
    this.#all = messages
    this.#messages = []
    this.#marginMs = about.marginMs
    this.#archived = about.isArchived
    this.nowMs = messages[0]!.storedAtMs
  }

  get isDone(): boolean {
    return this.#stored >= this.#all.length && this.offset >= this.#lastSeq
  }

  get firstSeq(): number {
    return this.#firstSeq
  }

  get #lastSeq(): number {
    return this.#all[this.#stored - 1]?.seq ?? 0
  }

  /** Some more messages come into the log. */
  publish(count: number): void {
    this.#stored = Math.min(this.#all.length, this.#stored + count)
    this.nowMs = Math.max(this.nowMs, this.#all[this.#stored - 1]?.storedAtMs ?? 0)
    this.#messages = this.#all.slice(0, this.#stored).filter(({ seq }) => seq >= this.#firstSeq)
  }

  /** A process takes the partition. What the one before does after this, it does too late. */
  async open(): Promise<void> {
    if (this.#keeper) this.#stale.push(this.#keeper)
    this.#opened = await openPartition({
      ...{
        partition: 0,
        bus: this.#bus,
        store: this.store,
        clock: this.#clock,
        checkpoints: this.checkpoints,
      },
      ...{ options: { keepFinishedMs: KEEP_MS }, log: quietLog, signal: new AbortController().signal },
      observer: {
        ...quietObserver,
        onRebuild: (_, reason) => void this.rebuilds.push(reason),
        onUnreadable: (taskId, why) => void this.unreadable.push(`${taskId}: ${why}`),
      },
    })
    const { claim, offset, commits = 0, horizon } = this.#opened
    this.#commits = commits
    this.offset = offset
    const deps: CheckpointKeeperDeps = {
      ...{ partition: 0, store: this.store, log: this.checkpoints, streams: this.#bus.streams },
      times: { lastBefore: async (untilMs) => this.#lastBefore(untilMs) },
      marks: { behind: async () => this.mark },
      mayPurge: () => this.mayPurge,
      fill: async () => this.fill,
      ...(this.#archived && { archivedUpTo: async () => this.archivedUpTo }),
      ...{ clock: this.#clock, logger: quietLog, options: { intervalMs: 1, marginMs: this.#marginMs } },
    }
    this.#keeper = new CheckpointKeeper(deps, {
      ...{ claim, stream: CREATED, offset, horizon },
      sent: () => this.offset,
    })
  }

  /** Folds and commits some messages, in one commit. */
  async fold(count: number): Promise<void> {
    const { claim } = this.#opened!
    const batch = this.#messages.filter(({ seq }) => seq > this.offset).slice(0, count)
    const last = batch.at(-1)
    if (!last) return
    const events = batch.flatMap((raw) =>
      decodeMessage(raw).flatMap(({ decoded }): LogEvent[] => ('event' in decoded ? [decoded.event] : [])),
    )
    const held = new Map<string, HeldTask>()
    for (const { body } of events) {
      const [state] = await this.store.readTasks(0, [body.taskId])
      if (state) held.set(state.id, { state, storedDueMs: undefined })
    }
    const { writes, depth, tenants } = foldBatch(events, (id) => held.get(id), { keepFinishedMs: KEEP_MS })
    const done = await this.store.commit(0, {
      ...{ id: commitId(claim, this.#commits + 1), expectedOffset: this.offset, offset: last.seq },
      ...{ emitted: 0, level: true, log: { stream: CREATED, storedAtMs: last.storedAtMs } },
      ...{ writes, depth, tenants },
    })
    if (!done) throw new Error('a commit was refused')
    this.#commits++
    this.offset = last.seq
    this.#keeper!.onFolded(last.seq, writes)
  }

  /** @param endsAt the write before which its process ends; undefined: it does not */
  async round(endsAt?: number): Promise<void> {
    await this.#roundOf(this.#keeper!, endsAt)
  }

  /** A round stands still before it writes its first states; another process takes the partition meanwhile. */
  async freeze(): Promise<void> {
    await this.thaw()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.checkpoints.gate = promise
    const round = this.#roundOf(this.#keeper!)
    // Everything is in memory: a round comes to its writes without waiting for anything else.
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next))
    this.checkpoints.gate = undefined
    this.#frozen = { round, thaw: resolve }
    await this.open()
  }

  /** It goes on where it stood. */
  async thaw(): Promise<void> {
    this.#frozen?.thaw()
    await this.#frozen?.round
    this.#frozen = undefined
  }

  /** An owner that is no more goes on where it had stood still. */
  async staleRound(): Promise<void> {
    const keeper = this.#stale.at(-1)
    if (keeper) await this.#roundOf(keeper)
  }

  purge(): Promise<void> {
    return this.checkpoints.horizons(0).then(({ stored }) => {
      const bound = purgeBound([stored?.record], { created: CREATED, lastSeq: this.#lastSeq })
      this.#firstSeq = Math.max(this.#firstSeq, bound + 1)
      this.#messages = this.#messages.filter(({ seq }) => seq >= this.#firstSeq)
    })
  }

  async #roundOf(keeper: CheckpointKeeper, endsAt?: number): Promise<void> {
    let writes = 0
    this.checkpoints.onWrite = () => {
      if (endsAt !== undefined && writes++ >= endsAt) throw new Error('its process has ended')
    }
    try {
      const why = await keeper.round()
      if (why !== undefined) this.problems.push(why)
    } catch (error) {
      if (!(error instanceof NotOwned) && endsAt === undefined) this.problems.push(String(error))
    } finally {
      this.checkpoints.onWrite = () => {}
    }
  }

  /** Times of a broker go back by some seconds at most, those of random logs by a month: behind such a jump nothing is old enough. */
  #lastBefore(untilMs: number): number {
    let last = 0
    for (const one of this.#all) {
      if (!this.#isThere(one) || one.storedAtMs > untilMs + slackOf(this.#marginMs)) break
      if (one.storedAtMs <= untilMs) last = one.seq
    }
    return last
  }

  #isThere({ seq }: RawEvent): boolean {
    return seq <= this.#lastSeq
  }

  get #clock(): Clock {
    return { nowMs: () => this.nowMs, monotonicMs: () => 0, sleep: async () => {} } as unknown as Clock
  }

  get #bus(): Bus {
    const messageAt = (seq: number) => this.#messages.find((one) => one.seq === seq)
    return {
      streams: {
        // A time at which nothing has expired yet.
        facts: async () => ({ created: CREATED, firstSeq: this.#firstSeq, lastSeq: this.#lastSeq, nowMs: 0 }),
        lastLogSeq: async () => this.#messages.at(-1)?.seq ?? 0,
        storedAt: async (_: string, seq: number) => messageAt(seq)?.storedAtMs,
        findBreak: async () => undefined,
      },
    } as unknown as Bus
  }
}
