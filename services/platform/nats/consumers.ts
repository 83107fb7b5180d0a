import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { BrokerClock } from '#platform/clock/broker-clock.ts'
import { api } from '#subjects/jetstream-api.ts'
import type { ConsumerSpec } from '#subjects/streams.ts'
import { isNotFound } from './api-error.ts'
import { observeStored } from './broker-clock-sync.ts'
import type { CutOffWatch } from './cut-off-watch.ts'
import type { Delivery } from './delivery.ts'
import { LogFollower, type LogFollowerOptions, type LogReader, type LogReaderOptions } from './log-reader.ts'
import { platformAnswer } from './platform-answer.ts'
import { Puller } from './puller.ts'
import { type ReadStoredOptions, readStored } from './read-stored.ts'
import type { RecordGuard } from './record-guard.ts'
import { provisionConsumer } from './topology.ts'
import type { WriteCoalescer } from './write-coalescer.ts'

export interface ConsumerDepth {
  waiting: number
  inWork: number
  /** Deliveries since the consumer was made, those of the same message again included. */
  delivered: number
  /** Place in the stream of the last message that was handed out. */
  deliveredSeq: number
  /** Up to here all is acknowledged, or was handed out as often as it may be; moves past the latter once nothing is in work. */
  settledSeq: number
}

export interface ConsumersDeps {
  nc: NatsConnection
  jsm: JetStreamManager
  coalescer: WriteCoalescer
  inboxPrefix: string
  brokerClock: BrokerClock
  isConnected: () => boolean
  /** False: in an account without streams of its own, a consumer is asked about in that of the platform. */
  hasJetStream: boolean
  /** Told whether leaders answer. */
  watch: CutOffWatch
}

/** What reads streams over one connection: durable consumers that several instances share, and ordered ones of their own. */
export class Consumers {
  readonly #deps: ConsumersDeps
  readonly #pullers = new Set<Puller>()
  readonly #followers = new Set<LogFollower>()
  /** Looks at records before they are handed over. */
  guard: RecordGuard | undefined

  constructor(deps: ConsumersDeps) {
    this.#deps = deps
  }

  /**
   * Makes a durable pull consumer or updates it.
   * @throws MurmurError STREAM_MISMATCH when the server has something else under that name
   */
  provision(spec: ConsumerSpec): Promise<void> {
    return provisionConsumer(this.#deps.jsm, spec)
  }

  /** Messages waiting, in work and ever handed out of a consumer; undefined when there is no such consumer. */
  async depth(stream: string, consumer: string): Promise<ConsumerDepth | undefined> {
    try {
      const info = await this.#info(stream, consumer)
      return {
        waiting: info.num_pending,
        inWork: info.num_ack_pending,
        delivered: info.delivered.consumer_seq,
        deliveredSeq: info.delivered.stream_seq,
        settledSeq: info.num_ack_pending === 0 ? info.delivered.stream_seq : info.ack_floor.stream_seq,
      }
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async #info(stream: string, consumer: string): Promise<ConsumerInfo> {
    const { jsm, nc, hasJetStream } = this.#deps
    if (hasJetStream) return await jsm.consumers.info(stream, consumer)
    return await platformAnswer<ConsumerInfo>(nc, api(`CONSUMER.INFO.${stream}.${consumer}`), '')
  }

  /** Takes messages of a durable consumer, as many as are asked for. */
  createPuller(from: { stream: string; consumer: string }, onMessage: (delivery: Delivery) => void): Puller {
    const { nc, coalescer, inboxPrefix, brokerClock, watch } = this.#deps
    const about = { ...from, inboxPrefix, watch }
    const puller = new Puller(nc, coalescer, about, observeStored(brokerClock, onMessage))
    this.#pullers.add(puller)
    return puller
  }

  /** Reads a part of a stream in order, from a sequence number on, for ever. */
  readLog(options: LogReaderOptions): LogReader {
    return this.followLog(options)
  }

  /** Reads a log for somebody who says how much may come, and has to know whether it still is the same log. */
  followLog(options: LogFollowerOptions): LogFollower {
    const { nc, jsm, inboxPrefix, isConnected, watch } = this.#deps
    const deps = { nc, jsm, inboxPrefix, watch, connected: isConnected }
    const { guard } = this
    const { onMessage } = options
    const guarded = guard && {
      onMessage: (message: Parameters<typeof onMessage>[0]) => onMessage(guard.opened(message)),
    }
    const follower = new LogFollower(deps, { ...options, ...guarded })
    this.#followers.add(follower)
    void follower.done.finally(() => this.#followers.delete(follower))
    return follower
  }

  /** Hands over what a stream has now, and ends. @throws Error when it was cut short: to be begun again */
  readStored(options: ReadStoredOptions): Promise<void> {
    const { nc, jsm, inboxPrefix } = this.#deps
    const { guard } = this
    const { onMessage } = options
    const guarded = guard && {
      onMessage: (message: Parameters<typeof onMessage>[0]) => onMessage(guard.opened(message)),
    }
    return readStored({ nc, jsm, inboxPrefix }, { ...options, ...guarded })
  }

  /** Told when what could not be opened may be opened now. @returns a function that ends it */
  onKeysChanged(listener: () => void): () => void {
    return this.guard?.onKeysChanged(listener) ?? (() => {})
  }

  /** To be called when the connection breaks, and at its end: answers to open pulls can't come any more. */
  abandonPulls(): void {
    for (const puller of this.#pullers) puller.abandon()
  }

  /** To be called when the connection breaks, and when it is there again. */
  restartReaders(): void {
    for (const follower of this.#followers) follower.onConnection()
  }
}
