import type { Clock } from '#platform/clock/clock.ts'
import { SOFTWARE_VERSION } from '#platform/config/software-version.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { RawEvent } from '../partition/decode-event.ts'
import type { DecodedPart } from '../partition/decode-message.ts'
import { EventInbox } from '../partition/event-inbox.ts'
import type { ArchiveReader } from './archive-reader.ts'
import { archivedParts } from './archived-parts.ts'
import { EventAnnotator, LaterEvent, type StateBudget } from './event-annotator.ts'
import { withoutLost } from './lost-segments.ts'
import { type AddedEvent, SegmentBuilder } from './segment-builder.ts'
import { type ArchivedPartition, logName, type ManifestEntry } from './segment-format.ts'
import type { TaskFoldOptions } from './task-fold.ts'

/** When a segment is written. */
export interface SegmentLimits {
  /** Of its text. Bytes. */
  maxRawBytes: number
  maxEvents: number
  /** So long after its first event came here, at the latest. Milliseconds. */
  maxAgeMs: number
}

export interface PartitionArchiverDeps {
  partition: number
  partitions: number
  bus: {
    streams: Pick<Bus['streams'], 'facts' | 'findBreak'>
    consumers: Pick<Bus['consumers'], 'followLog'>
  }
  store: Pick<FileStore, 'write' | 'create' | 'delete'>
  reader: ArchiveReader
  clock: Clock
  log: Pick<Log, 'warn' | 'info'>
  limits: SegmentLimits
  fold: TaskFoldOptions
  budget: StateBudget
  /** Undefined: payloads are stored as they are. */
  codec?: PayloadCodec | undefined
  /** Tries once more to open a message whose key was missing, with the keys as they are now. */
  reopen?: ((message: RawEvent) => RawEvent) | undefined
  /** Up to where the log may have been purged because all of the partition before it is archived; 0: nowhere. */
  purgedUpTo?: ((stream: string, partition: number) => Promise<number>) | undefined
  /** All events up to `toSeq` of this log are in the archive. */
  onArchived?: ((of: ArchivedPartition, toSeq: number, entry: ManifestEntry | undefined) => void) | undefined
}

/** What of a partition is in the log and not in the archive, about: what has not been read counts with the mean of what has. */
export interface ArchiveBacklog {
  events: number
  /** Of text, before it is compressed. */
  bytes: number
}

const BATCH_EVENTS = 500
/** Of the line of an event, where none was seen yet. Bytes. */
const USUAL_EVENT_BYTES = 700
const RETRY_MS = 200
const MAX_RETRY_MS = 5000
/** Between two looks at the age of what is collected. Milliseconds. */
const AGE_INTERVAL_MS = 250

/** Somebody else has written the segment that comes next. */
class Overtaken extends Error {}

/**
 * Writes the events of one partition into the archive, behind the fold, for as long as this process owns the partition. Where it goes on is
 * what the manifest says: the entry of a segment is made last, and only where there is none with its first sequence number. So a crash
 * leaves neither a gap nor a double, and of two that write at the same time one finds out that it is the second.
 */
export class PartitionArchiver {
  readonly #deps: PartitionArchiverDeps
  readonly #stopping = new AbortController()
  #inbox = new EventInbox()
  #backlog: () => ArchiveBacklog = () => ({ events: 0, bytes: 0 })
  #done: Promise<void> = Promise.resolve()

  constructor(deps: PartitionArchiverDeps) {
    this.#deps = deps
  }

  /** What is to be archived still; as it was known last while the log or the archive does not answer. */
  get backlog(): ArchiveBacklog {
    return this.#backlog()
  }

  start(): void {
    this.#done = this.#run()
  }

  /** Ends; what is collected and not written is read again by whoever comes next. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#inbox.close()
    await this.#done
  }

  async #run(): Promise<void> {
    const { clock, log, partition } = this.#deps
    const { signal } = this.#stopping
    for (let retryMs = RETRY_MS; !signal.aborted; retryMs = Math.min(MAX_RETRY_MS, 2 * retryMs)) {
      const startedMs = clock.monotonicMs()
      try {
        await this.#followOnce()
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof Overtaken) log.info({ partition }, 'another one has written this segment')
        else log.warn({ partition, reason: messageOf(error) }, 'the archive could not be written')
      }
      if (clock.monotonicMs() - startedMs > MAX_RETRY_MS) retryMs = RETRY_MS
      await clock.sleep(retryMs, signal)
    }
  }

  /** From where the manifest ends, until something is not as it has to be. */
  async #followOnce(): Promise<void> {
    const { bus, partition, partitions, reader, clock, log, onArchived, purgedUpTo } = this.#deps
    const facts = await bus.streams.facts(STREAMS.log.name)
    const of = { log: logName(facts.created), partition, partitions }
    const found = await reader.catalogue.readChain(of)
    const lostDeps = { streams: bus.streams, store: this.#deps.store, catalogue: reader.catalogue, log }
    const chain = await withoutLost(lostDeps, found, facts.created)
    const last = chain.at(-1)
    const fromSeq = (last?.toSeq ?? 0) + 1
    const purged = facts.firstSeq > fromSeq ? ((await purgedUpTo?.(facts.created, partition)) ?? 0) : 0
    if (this.#stopping.signal.aborted) return
    onArchived?.(of, last?.toSeq ?? 0, undefined)
    const inbox = new EventInbox()
    this.#inbox = inbox
    const follower = bus.consumers.followLog({
      stream: STREAMS.log.name,
      filterSubject: SUBJECTS.logOfPartition(partition),
      fromSeq,
      after: { stream: facts.created, seq: last?.toSeq ?? 0, storedAtMs: last?.toMs ?? 0 },
      room: () => inbox.room,
      onMessage: (message) => inbox.push(message),
      onTrouble: (what) => log.warn({ partition, what }, 'reading the log for the archive was interrupted'),
      onBreak: () => inbox.close(),
    })
    const writing = new SegmentWriting(this.#deps, of, {
      fromSeq,
      lostFromSeq: Math.max(fromSeq, purged + 1),
      logFromSeq: facts.firstSeq,
    })
    this.#backlog = () => {
      const unread = inbox.size + follower.unread
      return {
        events: writing.events + unread,
        bytes: Math.round(writing.rawBytes + unread * writing.meanBytes),
      }
    }
    const age = setInterval(
      () => {
        if (writing.isOld) inbox.wake()
      },
      Math.min(AGE_INTERVAL_MS, this.#deps.limits.maxAgeMs),
    )
    try {
      while (!this.#stopping.signal.aborted) {
        const batch = await inbox.take(BATCH_EVENTS)
        if (inbox.isClosed) break
        follower.more()
        for (const raw of batch) await writing.take(raw)
        if (writing.isOld) await writing.write()
        // A thread that does nothing but this has to hear what it is told, too.
        await clock.sleep(0)
      }
    } finally {
      clearInterval(age)
      const last = this.#backlog()
      this.#backlog = () => last
      writing.end()
      await follower.stop()
    }
  }
}

/** The segment that is being collected, and the tasks that are known while it is. */
class SegmentWriting {
  readonly #deps: PartitionArchiverDeps
  readonly #of: ArchivedPartition
  readonly #annotator: EventAnnotator
  #builder: SegmentBuilder
  #beganMs: number | undefined
  #gap: ManifestEntry['gap']

  constructor(
    deps: PartitionArchiverDeps,
    of: ArchivedPartition,
    { fromSeq, lostFromSeq, logFromSeq }: { fromSeq: number; lostFromSeq: number; logFromSeq: number },
  ) {
    this.#deps = deps
    this.#of = of
    this.#annotator = new EventAnnotator(deps, of)
    this.#builder = this.#newBuilder(fromSeq)
    if (logFromSeq > lostFromSeq) this.#gap = { fromSeq: lostFromSeq, toSeq: logFromSeq - 1 }
  }

  get events(): number {
    return this.#builder.events
  }

  get rawBytes(): number {
    return this.#builder.rawBytes
  }

  /** Of an event as text. Bytes. */
  get meanBytes(): number {
    const { events, rawBytes } = this.#builder
    return events > 0 ? rawBytes / events : USUAL_EVENT_BYTES
  }

  get isOld(): boolean {
    return (
      this.#beganMs !== undefined &&
      this.#deps.clock.monotonicMs() - this.#beganMs >= this.#deps.limits.maxAgeMs
    )
  }

  /** @throws Overtaken; LaterEvent; MurmurError UNAVAILABLE, PAYLOAD_KEY_MISSING */
  async take(message: RawEvent): Promise<void> {
    const { limits, clock, budget } = this.#deps
    this.#beganMs ??= clock.monotonicMs()
    for (const part of archivedParts(this.#reopened(message)))
      this.#builder.add(part.raw, await this.#annotated(part))
    // Never between the results of one message: where the next segment begins is told in numbers of messages.
    const isFull =
      this.#builder.rawBytes >= limits.maxRawBytes ||
      this.#builder.events >= limits.maxEvents ||
      budget.isSpent
    if (isFull) await this.write()
  }

  /** @throws Overtaken; MurmurError UNAVAILABLE */
  async write(): Promise<void> {
    const { store, reader, onArchived } = this.#deps
    if (this.#builder.events === 0) return
    const { entry, manifestKey, data, index } = this.#builder.seal(this.#gap)
    await Promise.all([store.write(entry.data.key, data), store.write(entry.index.key, index)])
    // Only now it counts: what was written before is nothing that anybody looks at.
    const bytes = Buffer.from(`${JSON.stringify(entry)}\n`)
    if (!(await store.create(manifestKey, bytes))) throw new Overtaken()
    reader.add(manifestKey, entry, index)
    this.#gap = undefined
    this.#beganMs = undefined
    this.#builder = this.#newBuilder(entry.toSeq + 1)
    this.#annotator.onWritten()
    onArchived?.(this.#of, entry.toSeq, entry)
  }

  end(): void {
    this.#annotator.clear()
  }

  #reopened(message: RawEvent): RawEvent {
    const { reopen } = this.#deps
    if (message.unopened === undefined || !reopen) return message
    const { unopened: _unopened, ...closed } = message
    return reopen(closed)
  }

  async #annotated(part: DecodedPart): Promise<AddedEvent> {
    try {
      return await this.#annotator.annotate(part, this.#builder)
    } catch (error) {
      // It may stay so for long: what lies before it is written, and not read again each time that it is tried.
      if (error instanceof LaterEvent) await this.write()
      throw error
    }
  }

  #newBuilder(fromSeq: number): SegmentBuilder {
    return new SegmentBuilder({ ...this.#of, fromSeq, software: SOFTWARE_VERSION })
  }
}
