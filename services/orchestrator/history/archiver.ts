import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { ArchiveReader } from './archive-reader.ts'
import { applyRetention, isNearlyFull, type RetentionLimits } from './archive-retention.ts'
import { StateBudget } from './event-annotator.ts'
import {
  type ArchiveBacklog,
  PartitionArchiver,
  type PartitionArchiverDeps,
  type SegmentLimits,
} from './partition-archiver.ts'
import type { TaskFoldOptions } from './task-fold.ts'

export interface ArchiverDeps {
  bus: PartitionArchiverDeps['bus'] & Pick<Bus, 'brokerClock'>
  store: FileStore
  clock: Clock
  log: Pick<Log, 'warn' | 'info'>
  partitions: number
  limits: SegmentLimits
  retention: RetentionLimits
  fold: TaskFoldOptions
  codec?: PayloadCodec | undefined
  reopen?: PartitionArchiverDeps['reopen']
  purgedUpTo?: PartitionArchiverDeps['purgedUpTo']
  onArchived?: PartitionArchiverDeps['onArchived']
}

/** States of tasks that are under way. Two thirds of it is what a hundred thousand small ones take. */
const STATE_BYTES = 96 * 1024 * 1024
const RETENTION_INTERVAL_MS = 600_000
/** Between two looks at the disk: one that is nearly full gets room at once. Milliseconds. */
const DISK_INTERVAL_MS = 30_000
/** How long a wish for smaller segments holds. Milliseconds. */
const HURRY_MS = 30_000

/** Archives the partitions that this process owns, and keeps the archive within its bounds. */
export class Archiver {
  readonly #deps: ArchiverDeps
  readonly #reader: ArchiveReader
  readonly #budget = new StateBudget(STATE_BYTES)
  readonly #archivers = new Map<number, PartitionArchiver>()
  readonly #stopping = new AbortController()
  #retention: Promise<void> = Promise.resolve()
  #hurry = { untilMs: Number.NEGATIVE_INFINITY, segmentMs: 0 }

  constructor(deps: ArchiverDeps) {
    this.#deps = deps
    const { store, clock, log, fold, codec } = deps
    const { keepFinishedMs } = fold
    const onUnreadable = (key: string, why: string) => log.warn({ key, why }, 'an entry of the archive')
    this.#reader = new ArchiveReader({ store, clock, keepFinishedMs, codec, onUnreadable })
  }

  start(): void {
    this.#retention = this.#keepWithinBounds()
  }

  /** From now on these are owned. Those that are not any more have ended when this resolves. */
  async own(partitions: ReadonlySet<number>): Promise<void> {
    const lost = [...this.#archivers].filter(([partition]) => !partitions.has(partition))
    for (const [partition] of lost) this.#archivers.delete(partition)
    for (const partition of partitions) {
      if (this.#archivers.has(partition) || this.#stopping.signal.aborted) continue
      const archiver = new PartitionArchiver({
        ...this.#deps,
        ...{ partition, reader: this.#reader, budget: this.#budget, limits: this.#limits() },
      })
      this.#archivers.set(partition, archiver)
      archiver.start()
    }
    await Promise.all(lost.map(([, archiver]) => archiver.stop()))
  }

  /** For the next half minute segments are collected for no longer than this, however small they are: somebody waits for what is in them. */
  hurry(segmentMs: number): void {
    this.#hurry = { untilMs: this.#deps.clock.monotonicMs() + HURRY_MS, segmentMs }
  }

  /** What is to be archived still, by partition. */
  backlogs(): { partition: number; backlog: ArchiveBacklog }[] {
    return [...this.#archivers].map(([partition, { backlog }]) => ({ partition, backlog }))
  }

  #limits(): SegmentLimits {
    const { limits, clock } = this.#deps
    const hurriedMs = () =>
      clock.monotonicMs() < this.#hurry.untilMs ? this.#hurry.segmentMs : Number.POSITIVE_INFINITY
    return {
      ...limits,
      get maxAgeMs() {
        return Math.min(limits.maxAgeMs, hurriedMs())
      },
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.own(new Set())
    await this.#retention
  }

  /** One of all does it: who has the first partition. */
  async #keepWithinBounds(): Promise<void> {
    const { store, clock, log, retention, bus } = this.#deps
    const { signal } = this.#stopping
    let lastMs = clock.monotonicMs()
    for (;;) {
      await clock.sleep(DISK_INTERVAL_MS, signal)
      if (signal.aborted) return
      if (!this.#archivers.has(0)) continue
      try {
        const isDue = clock.monotonicMs() - lastMs >= RETENTION_INTERVAL_MS
        if (!isDue && !isNearlyFull(await store.room())) continue
        lastMs = clock.monotonicMs()
        const nowMs = bus.brokerClock.nowMs()
        const gone = await applyRetention(store, this.#reader.catalogue, retention, nowMs)
        if (gone.segments + gone.orphans > 0) log.info(gone, 'history was taken away')
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'the archive could not be kept within its bounds')
      }
    }
  }
}
