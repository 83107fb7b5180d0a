import type { JetStreamManager } from '@nats-io/jetstream'
import { messageOf } from '#platform/errors/murmur-error.ts'

/** What a stream holds and may hold; limits of 0 or below are none. */
export interface StreamFill {
  bytes: number
  maxBytes: number
  messages: number
  maxMessages: number
  /** Messages by subject, where those were asked for. */
  subjects: ReadonlyMap<string, number>
}

/** Messages of a consumer. */
export interface ConsumerCounts {
  waiting: number
  inWork: number
  /** Deliveries since the consumer was made. */
  delivered: number
}

/** Counts of streams and consumers, as the server tells them. */
export class StreamCounts {
  readonly #jsm: JetStreamManager

  constructor(jsm: JetStreamManager) {
    this.#jsm = jsm
  }

  /** How full a stream is. @param subjectsOf also how many messages each of these subjects has; it may hold wildcards */
  async fillOf(stream: string, subjectsOf?: string): Promise<StreamFill> {
    const query = subjectsOf === undefined ? undefined : { subjects_filter: subjectsOf }
    const { config, state } = await this.#jsm.streams.info(stream, query)
    return {
      bytes: state.bytes,
      maxBytes: config.max_bytes,
      messages: state.messages,
      maxMessages: config.max_msgs,
      subjects: new Map(Object.entries(state.subjects ?? {})),
    }
  }

  /** Undefined when there is no such consumer. */
  async ofConsumer(stream: string, consumer: string): Promise<ConsumerCounts | undefined> {
    try {
      const info = await this.#jsm.consumers.info(stream, consumer)
      return {
        waiting: info.num_pending,
        inWork: info.num_ack_pending,
        delivered: info.delivered.consumer_seq,
      }
    } catch (error) {
      if (messageOf(error).includes('not found')) return undefined
      throw error
    }
  }
}
