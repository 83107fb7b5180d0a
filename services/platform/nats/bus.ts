import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type StoredMsg,
} from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { NatsSecurity } from '#platform/config/connections.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { ProvideQueueRequest } from '#schemas/provide-queue.ts'
import type { ConsumerSpec } from '#subjects/streams.ts'
import { SERVICES, SUBJECTS } from '#subjects/subjects.ts'
import { BlobStore } from './blob-store.ts'
import { connectionOptions } from './connection-options.ts'
import type { Delivery } from './delivery.ts'
import { FrameFeed } from './frame-feed.ts'
import { type LogMessage, type LogReader, type LogReaderOptions, readLog } from './log-reader.ts'
import { MicroServices } from './micro-services.ts'
import { Outbox } from './outbox.ts'
import { Publisher } from './publisher.ts'
import { Puller } from './puller.ts'
import { compareVersions, withoutCredentials } from './server-address.ts'
import { answer, type BusMessage, problemIn, viewOf } from './service-message.ts'
import { StreamCounts } from './stream-counts.ts'
import { provisionConsumer, provisionFrames, provisionStreams } from './topology.ts'
import { untilThere } from './until-there.ts'

const MESSAGE_NOT_FOUND = 10037
const OLDEST_SERVER = '2.9.0'
const PROVIDED_WITHIN_MS = 5000
const OPENING_BRACE = 0x7b
const decoder = new TextDecoder()

export type { BusMessage } from './service-message.ts'

export interface BusOptions {
  /** May hold user and password. */
  url: string
  /** Instead of those, and TLS. */
  security?: NatsSecurity
  /** Shown by the server's monitoring: which service this is. */
  name: string
  /** Told about every change of the connection, for logs and readiness. */
  onStatus?: (status: string, detail: string) => void
  onPublishRetry?: () => void
}

/**
 * Everything that a service does with NATS, through one connection: narrower than the client library, so that nothing
 * of it leaks into services. It reconnects for ever; what must not be lost goes through `publish`, which repeats itself.
 */
export class Bus {
  readonly publisher: Publisher
  readonly counts: StreamCounts
  readonly #nc: NatsConnection
  readonly #inboxPrefix: string
  readonly #outbox: Outbox
  readonly #js: JetStreamClient
  readonly #jsm: JetStreamManager
  readonly #pullers = new Set<Puller>()
  readonly #services: MicroServices
  #connected = true

  private constructor(
    nc: NatsConnection,
    jsm: JetStreamManager,
    options: BusOptions & { inboxPrefix: string },
  ) {
    this.#inboxPrefix = options.inboxPrefix
    this.#nc = nc
    this.#jsm = jsm
    this.#js = jetstream(nc)
    this.counts = new StreamCounts(jsm)
    this.#outbox = new Outbox(nc)
    this.#services = new MicroServices(nc, this.#outbox)
    this.publisher = new Publisher(nc, this.#outbox, {
      inboxPrefix: options.inboxPrefix,
      onRetry: options.onPublishRetry,
    })
    void this.#watch(options)
  }

  /** @throws MurmurError UNAVAILABLE when no server answers within 10 s, SERVER_TOO_OLD */
  static async connect(options: BusOptions): Promise<Bus> {
    const settings = connectionOptions(options.url, options.security)
    const nc = await connect({ ...settings, name: options.name }).catch((cause: unknown) => {
      throw new MurmurError(
        'UNAVAILABLE',
        `no NATS server answers at ${withoutCredentials(options.url)}: ${messageOf(cause)}`,
        { cause },
      )
    })
    const version = nc.info?.version ?? '0'
    if (compareVersions(version, OLDEST_SERVER) < 0) {
      await nc.close()
      throw new MurmurError(
        'SERVER_TOO_OLD',
        `nats-server ${version} is too old, ${OLDEST_SERVER} or newer is needed`,
      )
    }
    const jsm = await jetstreamManager(nc, { timeout: 10_000 }).catch(async (cause: unknown) => {
      await nc.close()
      throw new MurmurError('UNAVAILABLE', `JetStream does not answer: ${messageOf(cause)}`, { cause })
    })
    return new Bus(nc, jsm, { ...options, inboxPrefix: settings.inboxPrefix })
  }

  get connected(): boolean {
    return this.#connected && !this.#nc.isClosed()
  }

  /** The largest message that the server takes; without one to ask: no limit. */
  get maxPayloadBytes(): number {
    return this.#nc.info?.max_payload ?? Number.POSITIVE_INFINITY
  }

  get serverVersion(): string {
    return this.#nc.info?.version ?? 'unknown'
  }

  /** To whoever listens just now; lost when nobody does. */
  publishCore(subject: string, data: string | Uint8Array): void {
    this.#outbox.send(subject, data)
  }

  /** @returns a function that ends the subscription */
  subscribe(
    subject: string,
    onMessage: (message: BusMessage) => void,
    options: { queue?: string } = {},
  ): () => void {
    const subscription = this.#nc.subscribe(subject, {
      ...(options.queue && { queue: options.queue }),
      callback: (error, message) => {
        if (!error) onMessage(viewOf(message))
      },
    })
    return () => subscription.unsubscribe()
  }

  /**
   * Asks a service and gives its answer as JSON.
   * @throws MurmurError UNAVAILABLE when nobody answers in time, or the problem that the service answers with
   */
  async request(subject: string, body: unknown, options: { timeoutMs: number }): Promise<unknown> {
    const payload = body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body)
    const message = await this.#nc
      .request(subject, payload, { timeout: options.timeoutMs })
      .catch((cause: unknown) => {
        throw new MurmurError('UNAVAILABLE', `nobody answers on ${subject}: ${messageOf(cause)}`, { cause })
      })
    const reply: unknown = JSON.parse(decoder.decode(message.data))
    const problem = problemIn(reply)
    if (problem) throw MurmurError.fromProblem(problem)
    return reply
  }

  /**
   * Asks a service whose answer is bytes.
   * @throws MurmurError UNAVAILABLE when nobody answers in time, or the problem that the service answers with
   */
  async requestBytes(subject: string, body: unknown, options: { timeoutMs: number }): Promise<Uint8Array> {
    const message = await this.#nc
      .request(subject, JSON.stringify(body), { timeout: options.timeoutMs })
      .catch((cause: unknown) => {
        throw new MurmurError('UNAVAILABLE', `nobody answers on ${subject}: ${messageOf(cause)}`, { cause })
      })
    const problem = message.data[0] === OPENING_BRACE ? problemIn(JSON.parse(message.string())) : undefined
    if (problem) throw MurmurError.fromProblem(problem)
    return message.data
  }

  /**
   * Answers requests: with what the handler returns (bytes as they are, all else as JSON), or with the problem that it throws.
   * One instance answers each. Services of the catalogue are shown by `nats micro ls`.
   * @returns a function that ends it
   */
  serve(
    subject: string,
    handler: (message: BusMessage) => Promise<unknown> | unknown,
    options: { queue: string },
  ): () => void {
    return this.#services.serve(subject, options.queue, (message, send) => answer(message, send, handler))
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
    return this.#services.serve(subject, options.queue, async (message, send) => {
      if (!message.reply) return
      await handler(viewOf(message), (item) => send(JSON.stringify(item)))
    })
  }

  createPuller(from: { stream: string; consumer: string }, onMessage: (delivery: Delivery) => void): Puller {
    const puller = new Puller(this.#nc, this.#outbox, { ...from, inboxPrefix: this.#inboxPrefix }, onMessage)
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

  /** Sequence number of the last message of a partition of the log; 0 when there is none. */
  lastLogSeq(stream: string, partition: number): Promise<number> {
    return this.lastSeq(stream, SUBJECTS.logOfPartition(partition))
  }

  /** Sequence number of the last message on a subject, which may hold wildcards; 0 when there is none. */
  async lastSeq(stream: string, subject: string): Promise<number> {
    return (await this.#find(stream, { last_by_subj: subject }))?.seq ?? 0
  }

  /** One stored message, or undefined when it is gone. */
  async messageAt(stream: string, seq: number): Promise<{ subject: string; data: Uint8Array } | undefined> {
    const message = await this.#find(stream, { seq })
    return message ? { subject: message.subject, data: message.data } : undefined
  }

  /** The first stored message from a sequence number on, on a subject that may hold wildcards; undefined when there is none. */
  async nextMessage(
    stream: string,
    subject: string,
    fromSeq: number,
  ): Promise<(LogMessage & Pick<BusMessage, 'header'>) | undefined> {
    const message = await this.#find(stream, { seq: fromSeq, next_by_subj: subject })
    if (!message) return undefined
    const { data, seq, time, header } = message
    const storedAtMs = time.getTime()
    return {
      subject: message.subject,
      data,
      seq,
      storedAtMs,
      header: (name) => header.get(name) || undefined,
    }
  }

  /** Removes one stored message; one that is gone already is fine. */
  async deleteMessage(stream: string, seq: number): Promise<void> {
    if (await this.messageAt(stream, seq)) await this.#jsm.streams.deleteMessage(stream, seq, false)
  }

  /** When the stream was made; with a sequence number it names a message for ever. */
  async streamCreatedAt(stream: string): Promise<string> {
    return String((await this.#jsm.streams.info(stream)).created)
  }

  /** Messages waiting and in work of a consumer; undefined when there is no such consumer. */
  async consumerDepth(
    stream: string,
    consumer: string,
  ): Promise<{ waiting: number; inWork: number } | undefined> {
    const counts = await this.counts.ofConsumer(stream, consumer)
    return counts && { waiting: counts.waiting, inWork: counts.inWork }
  }

  /** Resolves when everything sent so far has reached the server. */
  async flush(): Promise<void> {
    this.#outbox.flush()
    await this.#nc.flush()
  }

  /** Sends what is buffered and closes; at once when the server is away. */
  async close(): Promise<void> {
    this.publisher.close()
    for (const puller of this.#pullers) puller.lose()
    if (this.#nc.isClosed()) return
    this.#outbox.flush()
    if (this.#connected) await this.#flushWithin(1000)
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

  async #flushWithin(limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs)
    })
    await Promise.race([this.#nc.flush(), tooLong])
    clearTimeout(timer)
  }

  async #watch(options: BusOptions): Promise<void> {
    for await (const status of this.#nc.status()) {
      if (status.type === 'disconnect') {
        this.#connected = false
        for (const puller of this.#pullers) puller.lose()
      } else if (status.type === 'reconnect') {
        this.#connected = true
        this.publisher.resendAll()
      }
      if (status.type !== 'ping') options.onStatus?.(status.type, JSON.stringify(status))
    }
  }
}
