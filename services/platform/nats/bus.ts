import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { BrokerClock } from '#platform/clock/broker-clock.ts'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { ClusterSurvey } from './cluster-survey.ts'
import { Consumers } from './consumers.ts'
import { CoreMessages } from './core-messages.ts'
import type { CutOffWatch } from './cut-off-watch.ts'
import { Frames } from './frame-feed.ts'
import { flushOrTimeout, NatsHealth } from './nats-health.ts'
import { ObjectStores } from './object-stores.ts'
import { type ConnectOptions, openConnection } from './open-connection.ts'
import { Publisher } from './publisher.ts'
import type { RecordGuard } from './record-guard.ts'
import { StreamBackups } from './stream-backups.ts'
import { StreamMirrors } from './stream-mirrors.ts'
import { Streams } from './streams.ts'
import { WriteCoalescer } from './write-coalescer.ts'

const OBJECT_BUDGET_BYTES = 64 * 1024 * 1024
const CLOSE_TIMEOUT_MS = 1000

export type { BusMessage } from './request-reply.ts'
export type { StoredMessage } from './streams.ts'

export interface BusOptions extends ConnectOptions {
  /** Told about every change of the connection, for logs and readiness. */
  onStatus?: (status: string, detail: string) => void
  onPublishRetry?: () => void
  /** Told how long a stream took to store a message. Milliseconds. */
  onPublished?: (tookMs: number) => void
  /** The machine's, unless told. */
  clock?: Clock
  /** Objects that are read whole have so many bytes in memory at the same time. Bytes, by default 64 MiB. */
  objectBudgetBytes?: number
  /** An answer of the object store is waited for so long before it is asked again. Milliseconds, by default 5 s. */
  objectTimeoutMs?: number
  /** The largest object that is stored. Bytes, by default `LIMITS.blobBytes`. */
  maxObjectBytes?: number
}

/**
 * Everything that a service does with NATS: messages of core NATS by itself, JetStream by what it holds. Narrower than the client
 * library, so that nothing of it leaks into services. It reconnects for ever; what must not be lost goes through `publisher`,
 * which repeats itself.
 */
export class Bus extends CoreMessages {
  readonly publisher: Publisher
  readonly streams: Streams
  readonly consumers: Consumers
  readonly objects: ObjectStores
  readonly frames: Frames
  readonly backups: StreamBackups
  readonly mirrors: StreamMirrors
  readonly survey: ClusterSurvey
  readonly #nc: NatsConnection
  readonly #coalescer: WriteCoalescer
  readonly #health: NatsHealth
  readonly #onReconnect = new Set<() => void>()
  #connected = true

  private constructor(
    nc: NatsConnection,
    jsm: JetStreamManager,
    options: BusOptions & { inboxPrefix: string; watch: CutOffWatch },
  ) {
    const coalescer = new WriteCoalescer(nc)
    const brokerClock = new BrokerClock(options.clock ?? systemClock)
    super({ nc, coalescer, brokerClock })
    const {
      inboxPrefix,
      maxObjectBytes,
      objectBudgetBytes,
      objectTimeoutMs,
      onPublishRetry,
      onPublished,
      ...rest
    } = options
    const budgetBytes = objectBudgetBytes ?? OBJECT_BUDGET_BYTES
    this.#nc = nc
    this.#coalescer = coalescer
    this.publisher = new Publisher(nc, coalescer, {
      inboxPrefix,
      onRetry: onPublishRetry,
      onStored: onPublished,
      watch: options.watch,
    })
    const hasJetStream = options.hasJetStream !== false
    this.streams = new Streams(nc, jsm, hasJetStream)
    const isConnected = () => this.connected
    this.consumers = new Consumers({
      nc,
      jsm,
      coalescer,
      inboxPrefix,
      brokerClock,
      isConnected,
      hasJetStream,
      watch: options.watch,
    })
    this.objects = new ObjectStores(rest, { budgetBytes, requestTimeoutMs: objectTimeoutMs, maxObjectBytes })
    this.frames = new Frames(jsm, this.consumers)
    this.survey = new ClusterSurvey(nc, jsm)
    this.backups = new StreamBackups({ nc, jsm, inboxPrefix })
    this.mirrors = new StreamMirrors(jsm)
    this.#health = new NatsHealth(nc, systemClock)
    void this.#watch(options)
  }

  /** @throws MurmurError UNAVAILABLE when no server answers within 10 s, SERVER_TOO_OLD */
  static async connect(options: BusOptions): Promise<Bus> {
    const onMove = () =>
      options.onStatus?.('cut-off', 'no leader answers through this server: the next one is tried')
    const { nc, jsm, ...about } = await openConnection({ ...options, onMove })
    return new Bus(nc, jsm, { ...options, ...about })
  }

  get connected(): boolean {
    return this.#connected && !this.#nc.isClosed()
  }

  /** Connected, and the server has answered within the last seconds. */
  get answers(): boolean {
    return this.connected && this.#health.answers
  }

  /** The largest message that the server takes; without one to ask: no limit. */
  get maxPayloadBytes(): number {
    return this.#nc.info?.max_payload ?? Number.POSITIVE_INFINITY
  }

  get serverVersion(): string {
    return this.#nc.info?.version ?? 'unknown'
  }

  /** From here on records are sealed when they are stored, and looked at when they are read. To be called before anything is read. */
  guardRecords(guard: RecordGuard, codec?: PayloadCodec): void {
    this.objects.codec = codec
    this.publisher.guard = guard
    this.streams.guard = guard
    this.consumers.guard = guard
  }

  /** Told after each reconnect. @returns a function that ends it */
  onReconnect(listener: () => void): () => void {
    this.#onReconnect.add(listener)
    return () => void this.#onReconnect.delete(listener)
  }

  /** Resolves when everything sent so far has reached the server. */
  async flush(): Promise<void> {
    this.#coalescer.flush()
    await this.#nc.flush()
  }

  /** Sends what is buffered and closes; at once when the server is away. */
  async close(): Promise<void> {
    this.publisher.close()
    this.#health.stop()
    this.consumers.abandonPulls()
    this.objects.close()
    if (this.#nc.isClosed()) return
    this.#coalescer.flush()
    if (this.#connected) await flushOrTimeout(this.#nc, CLOSE_TIMEOUT_MS)
    await this.#nc.close()
  }

  async #watch(options: BusOptions): Promise<void> {
    for await (const status of this.#nc.status()) {
      if (status.type === 'disconnect') {
        this.#connected = false
        this.consumers.abandonPulls()
        this.consumers.restartReaders()
      } else if (status.type === 'reconnect') {
        this.#connected = true
        // Another server may be there now, or the same one without what it had.
        this.streams.forget()
        this.publisher.resendAll()
        this.consumers.restartReaders()
        for (const listener of this.#onReconnect) listener()
      }
      if (status.type !== 'ping') options.onStatus?.(status.type, JSON.stringify(status))
    }
  }
}

/** Parts of a bus, for what needs no more than them. */
export type Calling = Pick<Bus, 'call'>
export type Serving = Pick<Bus, 'serve'>
export type SubjectServing = Pick<Bus, 'serveSubject'>
export type Subscribing = Pick<Bus, 'subscribe'>
export type CorePublishing = Pick<Bus, 'publishCore'>
export type Publishing = Pick<Bus, 'publisher'>
export interface Pulling {
  readonly consumers: Pick<Consumers, 'createPuller'>
}
/** Reads a log to its end and on. */
export interface LogReading {
  readonly consumers: Pick<Consumers, 'readLog'> & Partial<Pick<Consumers, 'onKeysChanged'>>
  readonly streams: Pick<Streams, 'lastSeq'>
}
