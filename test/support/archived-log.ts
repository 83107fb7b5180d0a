import type { TaskState } from '#schemas/task.ts'
import { decide } from '#workflow/decide/decide.ts'
import { ArchiveReader } from '../../services/orchestrator/history/archive-reader.ts'
import { lineOpener } from '../../services/orchestrator/history/archived-payloads.ts'
import { StateBudget } from '../../services/orchestrator/history/event-annotator.ts'
import {
  PartitionArchiver,
  type PartitionArchiverDeps,
  type SegmentLimits,
} from '../../services/orchestrator/history/partition-archiver.ts'
import { isIntact, readSegment } from '../../services/orchestrator/history/segment-reader.ts'
import type { RawEvent } from '../../services/orchestrator/partition/decode-event.ts'
import { decodeMessage } from '../../services/orchestrator/partition/decode-message.ts'
import { systemClock } from '../../services/platform/clock/clock.ts'
import type { LogBreak, LogPlace } from '../../services/platform/nats/log-place.ts'
import type { LogFollowerOptions } from '../../services/platform/nats/log-reader.ts'
import type { PayloadCodec } from '../../services/platform/secrets/payload-codec.ts'
import type { FileStore } from '../../services/platform/storage/file-store.ts'
import type { MemoryFileStore } from './memory-file-store.ts'
import { quietLog } from './owner-fixture.ts'

export const LOG_CREATED = '2026-11-29T10:00:00.5Z'
export const LOG_NAME = '20261129T100000.5Z'

const OF = { log: LOG_NAME, partition: 0, partitions: 1 }

/** What the log makes of its tasks, without any archive. */
export function statesOf(
  log: readonly RawEvent[],
  keepFinishedMs: number,
): Map<string, TaskState | undefined> {
  const states = new Map<string, TaskState | undefined>()
  for (const raw of log)
    for (const { decoded } of decodeMessage(raw)) {
      if (!('event' in decoded)) continue
      const { taskId } = decoded.event.body
      const before = states.get(taskId)
      if (before && decoded.event.seq <= before.seq) continue
      states.set(taskId, decide(before, decoded.event, { keepFinishedMs }).state)
    }
  return states
}

/** Every event of the archive, in the order of the manifest, with each file compared with its sum. */
export async function archived(store: MemoryFileStore, keepFinishedMs: number, codec?: PayloadCodec) {
  const reader = new ArchiveReader({ store, clock: { monotonicMs: () => 0 }, keepFinishedMs, codec })
  const chain = await reader.catalogue.readChain(OF)
  const events = chain.flatMap((entry) => {
    const { bytes } = store.files.get(entry.data.key)!
    if (!isIntact(bytes, entry.data)) throw new Error(`${entry.data.key} is not intact`)
    return readSegment(bytes, entry.data.key, lineOpener(codec)).events
  })
  return { chain, events, reader }
}

/** A log of one partition that an archiver reads, in memory; what is pushed later comes later. */
export class ArchivableLog {
  #messages: RawEvent[] = []
  readonly #followers = new Set<LogFollowerOptions>()
  firstSeq = 1
  /** When the stream was made: a copy that was restored was made later. */
  created = LOG_CREATED
  /** What stands between the log and its readers. */
  opened: (message: RawEvent) => RawEvent = (message) => message

  push(...messages: RawEvent[]): void {
    this.#messages.push(...messages)
    for (const follower of this.#followers)
      for (const message of messages) follower.onMessage(this.opened(message))
  }

  /** The log is what it was up to a sequence number, and goes on from there in another way. */
  setBack(toSeq: number, ...messages: RawEvent[]): void {
    this.#messages = this.#messages.filter(({ seq }) => seq <= toSeq)
    const followers = [...this.#followers]
    this.#followers.clear()
    this.push(...messages)
    for (const follower of followers) follower.onBreak?.('log-behind')
  }

  #breakAt({ seq, storedAtMs }: LogPlace): LogBreak | undefined {
    if (seq > (this.#messages.at(-1)?.seq ?? 0)) return 'log-behind'
    const message = this.#messages.find((one) => one.seq === seq)
    return message && message.storedAtMs !== storedAtMs ? 'other-history' : undefined
  }

  get bus() {
    return {
      streams: {
        findBreak: async (_: string, place: LogPlace) => this.#breakAt(place),
        facts: async () => ({
          created: this.created,
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
              if (message.seq >= options.fromSeq) options.onMessage(this.opened(message))
          })
          return {
            more: () => undefined,
            unread: 0,
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
  about: Partial<Pick<PartitionArchiverDeps, 'fold' | 'budget' | 'codec' | 'reopen' | 'purgedUpTo'>> & {
    limits?: Partial<SegmentLimits>
  } = {},
) {
  const fold = about.fold ?? { keepFinishedMs: 86_400_000 }
  const { codec, reopen, purgedUpTo } = about
  const clock = { monotonicMs: () => performance.now() }
  const reader = new ArchiveReader({ store, clock, codec, ...fold })
  const waiting: { seq: number; resolve: () => void }[] = []
  let reached = 0
  const archiver = new PartitionArchiver({
    purgedUpTo,
    partition: 0,
    partitions: 1,
    bus: log.bus,
    store,
    reader,
    clock: systemClock,
    log: quietLog,
    limits: { ...SMALL_SEGMENTS, ...about.limits },
    fold,
    codec,
    reopen,
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
