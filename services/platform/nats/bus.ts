import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { BrokerClock } from '#platform/clock/broker-clock.ts'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import type { ProvideQueueRequest } from '#schemas/provide-queue.ts'
import type { ConsumerSpec } from '#subjects/streams.ts'
import { type BlobConnection, BlobStore } from './blob-store.ts'
import { noticing } from './broker-time.ts'
import { CoreMessages } from './core-messages.ts'
import type { Delivery } from './delivery.ts'
import { FrameFeed } from './frame-feed.ts'
import { untilLive } from './live-connection.ts'
import { LogFollower, type LogFollowerOptions, type LogReader, type LogReaderOptions } from './log-reader.ts'
import { flushOrTimeout, NatsHealth } from './nats-health.ts'
import { type ConnectOptions, openConnection } from './open-connection.ts'
import { Publisher } from './publisher.ts'
import { Puller } from './puller.ts'
import { retryUntil } from './retry-until.ts'
import { provisionConsumer, provisionFrames, provisionStreams } from './topology.ts'
import { WriteCoalescer } from './write-coalescer.ts'

const OBJECT_BUDGET_BYTES = 64 * 1024 * 1024
/** An answer to a ping waits behind what is on the way, and nothing waits for this connection. */
const BULK_PINGS = { pingInterval: 10_000, maxPingOut: 3 }
const LIVE_TIMEOUT_MS = 10_000

export type { BusMessage } from './service-message.ts'
export type { StoredMessage } from './stream-questions.ts'

export interface BusOptions extends ConnectOptions {
  /** Told about every change of the connection, for logs and readiness. */
  onStatus?: (status: string, detail: string) => void
  onPublishRetry?: () => void
  /** The machine's, unless told. */
  clock?: Clock
  /** Objects that are read whole have so many bytes in memory at the same time. Bytes, by default 64 MiB. */
  objectBudgetBytes?: number
}

/**
 * Everything that a service does with NATS, through one connection, and one more for objects, behind whose megabytes nothing else
 * has to wait: narrower than the client library, so that nothing
 * of it leaks into services. It reconnects for ever; what must not be lost goes through `publish`, which repeats itself.
 */
export class Bus extends CoreMessages {
  readonly publisher: Publisher
  readonly #nc: NatsConnection
  readonly #inboxPrefix: string
  readonly #coalescer: WriteCoalescer
  readonly #jsm: JetStreamManager
  readonly #pullers = new Set<Puller>()
  readonly #followers = new Set<LogFollower>()
  readonly #health: NatsHealth
  readonly #onReconnect = new Set<() => void>()
  #bulk: Promise<NatsConnection> | undefined
  readonly #options: BusOptions
  #connected = true

  private constructor(
    nc: NatsConnection,
    jsm: JetStreamManager,
    options: BusOptions & { inboxPrefix: string },
  ) {
    const coalescer = new WriteCoalescer(nc)
    super(jsm, { nc, coalescer, brokerClock: new BrokerClock(options.clock ?? systemClock) })
    this.#options = options
    this.#inboxPrefix = options.inboxPrefix
    this.#nc = nc
    this.#jsm = jsm
    this.#coalescer = coalescer
    this.publisher = new Publisher(nc, coalescer, {
      inboxPrefix: options.inboxPrefix,
      onRetry: options.onPublishRetry,
    })
    this.#health = new NatsHealth(nc, systemClock)
    void this.#watch(options)
  }

  /** @throws MurmurError UNAVAILABLE when no server answers within 10 s, SERVER_TOO_OLD */
  static async connect(options: BusOptions): Promise<Bus> {
    const { nc, jsm, inboxPrefix } = await openConnection(options)
    return new Bus(nc, jsm, { ...options, inboxPrefix })
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

  /** Told after each reconnect. @returns a function that ends it */
  onReconnect(listener: () => void): () => void {
    this.#onReconnect.add(listener)
    return () => void this.#onReconnect.delete(listener)
  }

  get serverVersion(): string {
    return this.#nc.info?.version ?? 'unknown'
  }

  createPuller(from: { stream: string; consumer: string }, onMessage: (delivery: Delivery) => void): Puller {
    const at = { ...from, inboxPrefix: this.#inboxPrefix }
    const puller = new Puller(this.#nc, this.#coalescer, at, noticing(this.brokerClock, onMessage))
    this.#pullers.add(puller)
    return puller
  }

  readLog(options: LogReaderOptions): LogReader {
    return this.followLog(options)
  }

  /** Reads a log for somebody who says how much may come, and has to know whether it still is the same log. */
  followLog(options: LogFollowerOptions): LogFollower {
    const [nc, jsm, inboxPrefix] = [this.#nc, this.#jsm, this.#inboxPrefix]
    const follower = new LogFollower({ nc, jsm, inboxPrefix, connected: () => this.connected }, options)
    this.#followers.add(follower)
    void follower.done.finally(() => this.#followers.delete(follower))
    return follower
  }

  provisionStreams(options: { partitions: number; storageBytes: number }): Promise<{ partitions: number }> {
    return provisionStreams(this.#jsm, options)
  }

  provisionConsumer(spec: ConsumerSpec): Promise<void> {
    return provisionConsumer(this.#jsm, spec)
  }

  /** Asks an orchestrator for a queue; it may take until there is one. @throws MurmurError UNAVAILABLE after `waitMs`, STREAM_MISMATCH */
  async provideQueue(request: ProvideQueueRequest, options: { waitMs?: number } = {}): Promise<void> {
    const ask = () => this.call('provideQueue', request)
    await retryUntil(ask, options.waitMs ?? 0)
  }

  /** The stream of frames and its consumer: for an orchestrator, which does it for those who may not. */
  provisionFrames(): Promise<void> {
    return provisionFrames(this.#jsm)
  }

  /** Takes frames as they come, the newest few. */
  createFrameFeed(): FrameFeed {
    return new FrameFeed(this.#nc, this.#inboxPrefix)
  }

  async createBlobStore(options: { storageBytes: number }): Promise<BlobStore> {
    return BlobStore.create(await this.#bulkConnection(), options)
  }

  /** Opens the bucket; it may take until an orchestrator has made it. @throws Error when it is not there after `waitMs` */
  openBlobStore(options: { waitMs: number }): Promise<BlobStore> {
    return retryUntil(async () => BlobStore.open(await this.#bulkConnection()), options.waitMs)
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
    for (const puller of this.#pullers) puller.abandon()
    void this.#bulk?.then((bulk) => bulk.close()).catch(() => undefined)
    if (this.#nc.isClosed()) return
    this.#coalescer.flush()
    if (this.#connected) await flushOrTimeout(this.#nc, 1000)
    await this.#nc.close()
  }

  /** Made when objects are first needed. */
  async #bulkConnection(): Promise<BlobConnection> {
    const { objectBudgetBytes = OBJECT_BUDGET_BYTES, ...options } = this.#options
    this.#bulk ??= openConnection({ ...options, name: `${options.name} objects`, pings: BULK_PINGS }).then(
      ({ nc }) => nc,
      (error: unknown) => {
        this.#bulk = undefined
        throw error
      },
    )
    const nc = await this.#bulk
    await untilLive(nc, LIVE_TIMEOUT_MS)
    const jsm = await jetstreamManager(nc, { timeout: 10_000, checkAPI: false })
    return { nc, jsm, budgetBytes: objectBudgetBytes }
  }

  async #watch(options: BusOptions): Promise<void> {
    for await (const status of this.#nc.status()) {
      if (status.type === 'disconnect') {
        this.#connected = false
        for (const puller of this.#pullers) puller.abandon()
        for (const follower of this.#followers) follower.onConnection()
      } else if (status.type === 'reconnect') {
        this.#connected = true
        // Another server may be there now, or the same one without what it had.
        this.forgetStreams()
        this.publisher.resendAll()
        for (const follower of this.#followers) follower.onConnection()
        for (const listener of this.#onReconnect) listener()
      }
      if (status.type !== 'ping') options.onStatus?.(status.type, JSON.stringify(status))
    }
  }
}
