import { ArchiveReader } from '../../services/orchestrator/history/archive-reader.ts'
import { StateBudget } from '../../services/orchestrator/history/event-annotator.ts'
import {
  PartitionArchiver,
  type SegmentLimits,
} from '../../services/orchestrator/history/partition-archiver.ts'
import type { TaskFoldOptions } from '../../services/orchestrator/history/task-fold.ts'
import type { RawEvent } from '../../services/orchestrator/partition/decode-event.ts'
import { systemClock } from '../../services/platform/clock/clock.ts'
import type { LogFollowerOptions } from '../../services/platform/nats/log-reader.ts'
import type { FileStore } from '../../services/platform/storage/file-store.ts'
import { quietLog } from './owner-fixture.ts'

export const LOG_CREATED = '2026-11-29T10:00:00.5Z'
export const LOG_NAME = '20261129T100000.5Z'

/** A log of one partition that an archiver reads, in memory; what is pushed later comes later. */
export class ArchivableLog {
  readonly #messages: RawEvent[] = []
  readonly #followers = new Set<LogFollowerOptions>()
  firstSeq = 1

  push(...messages: RawEvent[]): void {
    this.#messages.push(...messages)
    for (const follower of this.#followers) for (const message of messages) follower.onMessage(message)
  }

  get bus() {
    return {
      streams: {
        facts: async () => ({
          created: LOG_CREATED,
          firstSeq: this.firstSeq,
          lastSeq: this.#messages.at(-1)?.seq ?? 0,
          nowMs: undefined,
        }),
      },
      consumers: {
        followLog: (options: LogFollowerOptions) => {
          this.#followers.add(options)
          setImmediate(() => {
            for (const message of this.#messages)
              if (message.seq >= options.fromSeq) options.onMessage(message)
          })
          return {
            more: () => undefined,
            stop: async () => void this.#followers.delete(options),
          }
        },
      },
    } as unknown as ConstructorParameters<typeof PartitionArchiver>[0]['bus']
  }
}

export const SMALL_SEGMENTS: SegmentLimits = { maxRawBytes: 1 << 30, maxEvents: 1 << 30, maxAgeMs: 20 }

/** An archiver of partition 0 of 1, and a promise of its having archived up to a sequence number. */
export function startArchiver(
  log: ArchivableLog,
  store: FileStore,
  about: { limits?: Partial<SegmentLimits>; fold?: TaskFoldOptions; budget?: StateBudget } = {},
) {
  const fold = about.fold ?? { keepFinishedMs: 86_400_000 }
  const reader = new ArchiveReader({ store, clock: { monotonicMs: () => performance.now() }, ...fold })
  const waiting: { seq: number; resolve: () => void }[] = []
  let reached = 0
  const archiver = new PartitionArchiver({
    partition: 0,
    partitions: 1,
    bus: log.bus,
    store,
    reader,
    clock: systemClock,
    log: quietLog,
    limits: { ...SMALL_SEGMENTS, ...about.limits },
    fold,
    budget: about.budget ?? new StateBudget(64 * 1024 * 1024),
    onArchived: (_of, toSeq) => {
      reached = toSeq
      for (const { seq, resolve } of waiting) if (seq <= toSeq) resolve()
    },
  })
  archiver.start()
  return {
    archiver,
    reader,
    upTo: (seq: number) =>
      new Promise<void>((resolve) => (seq <= reached ? resolve() : waiting.push({ seq, resolve }))),
  }
}
