import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  type StoredMsg,
} from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { BrokerClock } from '#platform/clock/broker-clock.ts'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import type { ProvideQueueRequest } from '#schemas/provide-queue.ts'
import type { ConsumerSpec } from '#subjects/streams.ts'
import { SERVICES, SUBJECTS } from '#subjects/subjects.ts'
import { askForBytes, askForJson } from './ask-service.ts'
import { BlobStore } from './blob-store.ts'
import { brokerTimeOf, noticing, observing } from './broker-time.ts'
import { type ConsumerDepth, consumerDepth } from './consumer-depth.ts'
import type { Delivery } from './delivery.ts'
import { FrameFeed } from './frame-feed.ts'
import { type LogMessage, type LogReader, type LogReaderOptions, readLog } from './log-reader.ts'
import { MicroServices } from './micro-services.ts'
import { flushWithin, NatsPulse } from './nats-pulse.ts'
import { type ConnectOptions, openConnection } from './open-connection.ts'
import { Outbox } from './outbox.ts'
import { Publisher } from './publisher.ts'
import { Puller } from './puller.ts'
import { answer, type BusMessage, viewOf } from './service-message.ts'
import { type StreamFill, streamFill } from './stream-fill.ts'
import { provisionConsumer, provisionFrames, provisionStreams } from './topology.ts'
import { untilThere } from './until-there.ts'

const MESSAGE_NOT_FOUND = 10037
const PROVIDED_WITHIN_MS = 5000

export type { BusMessage } from './service-message.ts'

/** A message as a stream keeps it. */
export type StoredMessage = LogMessage & Pick<BusMessage, 'header'>

export interface BusOptions extends ConnectOptions {
  /** Told about every change of the connection, for logs and readiness. */
  onStatus?: (status: string, detail: string) => void
  onPublishRetry?: () => void
  /** The machine's, unless told. */
  clock?: Clock
}

/**
 * Everything that a service does with NATS, through one connection: narrower than the client library, so that nothing
 * of it leaks into services. It reconnects for ever; what must not be lost goes through `publish`, which repeats itself.
 */
export class Bus {
  readonly publisher: Publisher
  /** The broker's time, as far as messages and answers have told; see `keepBrokerClock`. */
  readonly brokerClock: BrokerClock
  readonly #nc: NatsConnection
  readonly #inboxPrefix: string
  readonly #outbox: Outbox
  readonly #js: JetStreamClient
  readonly #jsm: JetStreamManager
  readonly #pullers = new Set<Puller>()
  readonly #services: MicroServices
  readonly #pulse: NatsPulse
  readonly #onReconnect = new Set<() => void>()
  #connected = true

  private constructor(
    nc: NatsConnection,
    jsm: JetStreamManager,
    options: BusOptions & { inboxPrefix: string },
  ) {
    this.brokerClock = new BrokerClock(options.clock ?? systemClock)
    this.#inboxPrefix = options.inboxPrefix
    this.#nc = nc
    this.#jsm = jsm
    this.#js = jetstream(nc)
    this.#outbox = new Outbox(nc)
    this.#services = new MicroServices(nc, this.#outbox)
    this.publisher = new Publisher(nc, this.#outbox, {
      inboxPrefix: options.inboxPrefix,
      onRetry: options.onPublishRetry,
    })
    this.#pulse = new NatsPulse(nc, systemClock)
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
    return this.connected && this.#pulse.answers
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

  /** To whoever listens just now; lost when nobody does. */
  publishCore(subject: string, data: string | Uint8Array): void {
    this.#outbox.send(subject, data)
  }

  /**
   * @param options.whileServing leaves the queue group while this process does not serve, as services do
   * @returns a function that ends the subscription
   */
  subscribe(
    subject: string,
    onMessage: (message: BusMessage) => void,
    options: { queue?: string; whileServing?: boolean } = {},
  ): () => void {
    return this.#services.subscribe(subject, onMessage, options)
  }

  /**
   * Whether this process can serve: when not, it leaves the queue groups of its services until it can again, so that others answer;
   * where there are none, requesters are told at once that nobody is there.
   */
  setServing(isServing: boolean): void {
    this.#services.setServing(isServing)
  }

  /**
   * Asks a service and gives its answer as JSON.
   * @throws MurmurError UNAVAILABLE when nobody answers in time, or the problem that the service answers with
   */
  request(subject: string, body: unknown, options: { timeoutMs: number }): Promise<unknown> {
    return observing(this.brokerClock, askForJson(this.#nc, { subject, body, ...options }))
  }

  /**
   * Asks a service whose answer is bytes.
   * @throws MurmurError UNAVAILABLE when nobody answers in time, or the problem that the service answers with
   */
  requestBytes(subject: string, body: unknown, options: { timeoutMs: number }): Promise<Uint8Array> {
    return askForBytes(this.#nc, { subject, body, ...options })
  }

  /**
   * Answers requests: with what the handler returns (bytes as they are, all else as JSON), or with the problem that it throws.
   * One instance answers each. Services of the catalogue are shown by `nats micro ls`.
   * @param options.always also while the process does not serve (see `setServing`): for what needs nothing but NATS
   * @returns a function that ends it
   */
  serve(
    subject: string,
    handler: (message: BusMessage) => Promise<unknown> | unknown,
    options: { queue: string; always?: boolean },
  ): () => void {
    return this.#services.serve(subject, options, (message, send) => answer(message, send, handler))
  }

  /**
   * Answers requests with as many messages as the handler sends, each as JSON; with the problem when it throws.
   * Nobody tells when a requester has gone: the handler has to end by itself.
   * @returns a function that ends it
   */
  serveMany(
    subject: string,
    handler: (message: BusMessage, send: (item: unknown) => void) => Promise<void>,
    options: { queue: string },
  ): () => void {
    return this.#services.serve(subject, options, async (message, send) => {
      if (!message.reply) return
      await handler(viewOf(message), (item) => send(JSON.stringify(item)))
    })
  }

  createPuller(from: { stream: string; consumer: string }, onMessage: (delivery: Delivery) => void): Puller {
    const at = { ...from, inboxPrefix: this.#inboxPrefix }
    const puller = new Puller(this.#nc, this.#outbox, at, noticing(this.brokerClock, onMessage))
    this.#pullers.add(puller)
    return puller
  }

  readLog(options: LogReaderOptions): LogReader {
    return readLog(this.#js, options)
  }

  provisionStreams(options: { partitions: number; storageBytes: number }): Promise<{ partitions: number }> {
    return provisionStreams(this.#jsm, options)
  }

  provisionConsumer(spec: ConsumerSpec): Promise<void> {
    return provisionConsumer(this.#jsm, spec)
  }

  /** Asks an orchestrator for a queue; it may take until there is one. @throws MurmurError UNAVAILABLE after `waitMs`, STREAM_MISMATCH */
  async provideQueue(request: ProvideQueueRequest, options: { waitMs?: number } = {}): Promise<void> {
    const ask = () => this.request(SERVICES.provideQueue, request, { timeoutMs: PROVIDED_WITHIN_MS })
    await untilThere(ask, options.waitMs ?? 0)
  }

  /** The stream of frames and its consumer: for an orchestrator, which does it for those who may not. */
  provisionFrames(): Promise<void> {
    return provisionFrames(this.#jsm)
  }

  /** Takes frames as they come, the newest few. */
  createFrameFeed(): FrameFeed {
    return new FrameFeed(this.#nc, this.#inboxPrefix)
  }

  createBlobStore(options: { storageBytes: number }): Promise<BlobStore> {
    return BlobStore.create(this.#nc, this.#jsm, options)
  }

  /** Opens the bucket; it may take until an orchestrator has made it. @throws Error when it is not there after `waitMs` */
  openBlobStore(options: { waitMs: number }): Promise<BlobStore> {
    return untilThere(() => BlobStore.open(this.#nc, this.#jsm), options.waitMs)
  }

  /** The broker's time as it says it with what it knows of a stream; undefined from servers before 2.10. Unix milliseconds. */
  brokerTime(stream: string): Promise<number | undefined> {
    return brokerTimeOf(this.#jsm, stream)
  }

  /** Sequence number of the last message of a partition of the log; 0 when there is none. */
  lastLogSeq(stream: string, partition: number): Promise<number> {
    return this.lastSeq(stream, SUBJECTS.logOfPartition(partition))
  }

  /** Sequence number of the last message on a subject, which may hold wildcards; 0 when there is none. */
  async lastSeq(stream: string, subject: string): Promise<number> {
    return (await this.#find(stream, { last_by_subj: subject }))?.seq ?? 0
  }

  /** One stored message, or undefined when it is gone. */
  async messageAt(stream: string, seq: number): Promise<StoredMessage | undefined> {
    const message = await this.#find(stream, { seq })
    return message && storedMessage(message)
  }

  /** The first stored message from a sequence number on, on a subject that may hold wildcards; undefined when there is none. */
  async nextMessage(stream: string, subject: string, fromSeq: number): Promise<StoredMessage | undefined> {
    const message = await this.#find(stream, { seq: fromSeq, next_by_subj: subject })
    return message && storedMessage(message)
  }

  /** Removes one stored message, if it is the one that is meant; one that is gone already is fine. */
  async deleteMessage(stream: string, seq: number, isMeant = (_: Uint8Array) => true): Promise<void> {
    const message = await this.messageAt(stream, seq)
    if (message && isMeant(message.data)) await this.#jsm.streams.deleteMessage(stream, seq, false)
  }

  /** When the stream was made; with a sequence number it names a message for ever. */
  async streamCreatedAt(stream: string): Promise<string> {
    return String((await this.#jsm.streams.info(stream)).created)
  }

  /** Messages waiting and in work of a consumer; undefined when there is no such consumer. */
  consumerDepth(stream: string, consumer: string): Promise<ConsumerDepth | undefined> {
    return consumerDepth(this.#jsm, stream, consumer)
  }

  /** How full a stream is. @param subjectsOf also how many messages each of these subjects has; it may hold wildcards */
  streamFill(stream: string, subjectsOf?: string): Promise<StreamFill> {
    return streamFill(this.#jsm, stream, subjectsOf)
  }

  /** Resolves when everything sent so far has reached the server. */
  async flush(): Promise<void> {
    this.#outbox.flush()
    await this.#nc.flush()
  }

  /** Sends what is buffered and closes; at once when the server is away. */
  async close(): Promise<void> {
    this.publisher.close()
    this.#pulse.stop()
    for (const puller of this.#pullers) puller.lose()
    if (this.#nc.isClosed()) return
    this.#outbox.flush()
    if (this.#connected) await flushWithin(this.#nc, 1000)
    await this.#nc.close()
  }

  async #find(
    stream: string,
    query: { seq: number; next_by_subj?: string } | { last_by_subj: string },
  ): Promise<StoredMsg | undefined> {
    try {
      return (await this.#jsm.streams.getMessage(stream, query)) ?? undefined
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === MESSAGE_NOT_FOUND) return undefined
      throw error
    }
  }

  async #watch(options: BusOptions): Promise<void> {
    for await (const status of this.#nc.status()) {
      if (status.type === 'disconnect') {
        this.#connected = false
        for (const puller of this.#pullers) puller.lose()
      } else if (status.type === 'reconnect') {
        this.#connected = true
        this.publisher.resendAll()
        for (const listener of this.#onReconnect) listener()
      }
      if (status.type !== 'ping') options.onStatus?.(status.type, JSON.stringify(status))
    }
  }
}

function storedMessage({ subject, data, seq, time, header }: StoredMsg): StoredMessage {
  return { subject, data, seq, storedAtMs: time.getTime(), header: (name) => header.get(name) || undefined }
}
