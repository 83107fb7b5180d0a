import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Bus, StoredMessage } from '#platform/nats/bus.ts'
import { publishAfter, putBack } from '#platform/nats/publish-after.ts'
import type { Check } from '#platform/telemetry/health-server.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { type PartitionEpochs, partitionEpochsSchema } from '#schemas/partition-epochs.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { bucketOf, inRange, type PartitionRange } from '#subjects/task-partition.ts'
import { Poller } from '../intake/poller.ts'
import { currentEpoch, epochsWithTasks, isLater, madeWith, numbersOf, rangeIn } from './epoch-rules.ts'
import type { LivePartitions } from './live-partitions.ts'

export interface KnownPartitionsDeps {
  bus: Pick<Bus, 'streams' | 'publisher'>
  /** Those that the log was made with. */
  made: number
  /** For so long what was read holds without being read again. Milliseconds. */
  leaseMs: number
  /** The broker's. */
  clock: Clock
  log: Pick<Log, 'info' | 'warn' | 'error'>
}

/** What the stream has, and its place there; 0: there is none. */
interface Found {
  record: PartitionEpochs
  seq: number
}

const { name: STREAM } = STREAMS.policies
const SUBJECT = SUBJECTS.partitionEpochs
const POLL_INTERVAL_MS = 1000
/** Of a partition that nobody has told of: it was asked for a moment ago. Milliseconds. */
const JUST_READ_MS = 1000
const MAX_ATTEMPTS = 8
const RETRY_AFTER_MS = 1000

/**
 * Which partitions the log has, read again and again: all decisions that differ between epochs need to have heard of it within the
 * lease. It is asked of the leader of the stream: a copy may be behind.
 */
export class KnownPartitions extends Poller implements LivePartitions {
  readonly name = 'partitions of the log'
  readonly #deps: KnownPartitionsDeps
  #record: PartitionEpochs
  /** By the monotonic clock: when the question was sent that was answered last. */
  #sureAtMs = Number.NEGATIVE_INFINITY
  #all: readonly number[] = []
  #live: ReadonlySet<number> = new Set()
  #reading: Promise<void> | undefined

  private constructor(deps: KnownPartitionsDeps) {
    super(deps.clock, Math.min(POLL_INTERVAL_MS, deps.leaseMs / 4))
    this.#deps = deps
    this.#record = madeWith(deps.made)
    this.#learn(this.#record)
  }

  /** Resolves when they are known. @throws MurmurError UNAVAILABLE, STREAM_MISMATCH */
  static async open(deps: KnownPartitionsDeps): Promise<KnownPartitions> {
    const known = new KnownPartitions(deps)
    await known.read()
    return known
  }

  /** As it is known. */
  get record(): PartitionEpochs {
    return this.#record
  }

  /** Whether it is sure which there are, for readiness: without that no task is taken. */
  check(): Check {
    const silentMs = this.#deps.clock.monotonicMs() - this.#sureAtMs
    if (silentMs <= this.#deps.leaseMs)
      return { ok: true, detail: `${this.#all.length} partitions are known` }
    const forS = Number.isFinite(silentMs) ? `${Math.round(silentMs / 1000)} s` : 'ever'
    return { ok: false, detail: `stream ${STREAM} has not said for ${forS} which partitions the log has` }
  }

  all(): readonly number[] {
    return this.#all
  }

  withTasks(): readonly number[] {
    this.assertSure()
    return numbersOf(epochsWithTasks(this.#record, this.#deps.clock.nowMs()))
  }

  newest(): PartitionRange | undefined {
    this.assertSure()
    return rangeIn(currentEpoch(this.#record, this.#deps.clock.nowMs()))
  }

  assertSure(): void {
    if (this.#deps.clock.monotonicMs() - this.#sureAtMs <= this.#deps.leaseMs) return
    throw new MurmurError(
      'UNAVAILABLE',
      'it is not known just now which partitions the log has: the stream POLICIES does not answer; ask again in a moment',
      { retryAfterMs: RETRY_AFTER_MS },
    )
  }

  elsewhere(taskId: string): readonly string[] {
    if (this.#record.epochs.length === 1 && this.#record.epochs[0]!.first === 0) return []
    this.assertSure()
    const ids = epochsWithTasks(this.#record, this.#deps.clock.nowMs()).map((epoch) =>
      inRange(taskId, rangeIn(epoch)),
    )
    return ids.filter((id) => id !== taskId)
  }

  ofName(name: string): number {
    const { first, count } = currentEpoch(this.#record, this.#deps.clock.nowMs())
    return first + bucketOf(name, count)
  }

  leading(): number {
    return this.#all[0]!
  }

  /**
   * Whether there is such a partition. One that nobody has told of is asked for: an id may name anything.
   * @throws MurmurError UNAVAILABLE
   */
  isLive(partition: number): boolean | Promise<boolean> {
    return this.#live.has(partition) || this.#askFor(partition)
  }

  /**
   * Changes the record, from what the stream has. A change that gives the same object writes nothing.
   * @throws MurmurError what `change` throws; UNAVAILABLE, OVERLOADED when it can't be written
   */
  async change(change: (before: PartitionEpochs) => PartitionEpochs): Promise<PartitionEpochs> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { record, seq } = await this.#find()
      const next = change(record)
      if (next === record || (await this.#write(next, seq))) {
        this.#learn(next)
        return next
      }
    }
    throw new MurmurError('UNAVAILABLE', 'partitions are changed again and again by others', {
      retryAfterMs: RETRY_AFTER_MS,
    })
  }

  /** Reads the record now; of several who ask at once one asks. @throws MurmurError UNAVAILABLE, STREAM_MISMATCH */
  read(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  protected async poll(): Promise<void> {
    try {
      await this.read()
    } catch (error) {
      this.#deps.log.warn({ reason: messageOf(error) }, 'the partitions of the log could not be read')
    }
  }

  async #askFor(partition: number): Promise<boolean> {
    const { clock } = this.#deps
    if (clock.monotonicMs() - this.#sureAtMs > JUST_READ_MS) await this.read()
    return this.#live.has(partition)
  }

  async #read(): Promise<void> {
    const askedAtMs = this.#deps.clock.monotonicMs()
    const { record, seq } = await this.#find()
    // A stream that was set back, or made anew: what everybody goes by is written again.
    if (isLater(this.#record, record)) {
      this.#deps.log.error({}, 'the record of the partitions was set back, it is written again')
      if (!(await this.#write(this.#record, seq))) return
    } else this.#learn(record)
    this.#sureAtMs = askedAtMs
  }

  async #find(): Promise<Found> {
    const { bus, made } = this.#deps
    const message = await bus.streams.lastMessage(STREAM, SUBJECT).catch(unanswered)
    if (!message) return { record: madeWith(made), seq: 0 }
    const record =
      message.refused === undefined ? readMessage(message.data, partitionEpochsSchema) : undefined
    if (!record) throw await this.#unreadable(message)
    if (record.made === made) return { record, seq: message.seq }
    throw new MurmurError(
      'STREAM_MISMATCH',
      `the log was made with ${made} partitions, and stream ${STREAM} has those of one with ${record.made}`,
    )
  }

  /** What others have written who may not: the one who knows what stood there puts it back. */
  async #unreadable(message: StoredMessage): Promise<MurmurError> {
    if (message.refused === undefined)
      return new MurmurError('UNAVAILABLE', 'the partitions of the log are those of a later version')
    const isKnown = this.#sureAtMs > Number.NEGATIVE_INFINITY
    if (isKnown) await putBack(this.#deps.bus, message, this.#record)
    return new MurmurError('UNAVAILABLE', 'the partitions of the log were not written by the platform')
  }

  async #write(record: PartitionEpochs, afterSeq: number): Promise<boolean> {
    const about = { stream: STREAM, subject: SUBJECT, data: JSON.stringify(record), afterSeq }
    return 'seq' in (await publishAfter(this.#deps.bus, about))
  }

  #learn(record: PartitionEpochs): void {
    const numbers = numbersOf(record.epochs)
    if (this.#all.length > 0 && numbers.join() !== this.#all.join())
      this.#deps.log.info(
        { partitions: numbers.length, epochs: record.epochs },
        'the log has other partitions now',
      )
    this.#record = record
    this.#all = numbers
    this.#live = new Set(numbers)
  }
}

function unanswered(cause: unknown): never {
  throw new MurmurError('UNAVAILABLE', `which partitions the log has can't be read: ${messageOf(cause)}`, {
    cause,
    retryAfterMs: RETRY_AFTER_MS,
  })
}
