import type { JetStreamManager } from '@nats-io/jetstream'
import { isNotFound } from './api-error.ts'

export interface ConsumerDepth {
  waiting: number
  inWork: number
  /** Deliveries since the consumer was made, those of the same message again included. */
  delivered: number
}

/** Messages waiting, in work and ever handed out of a consumer; undefined when there is no such consumer. */
export async function consumerDepth(
  jsm: JetStreamManager,
  stream: string,
  consumer: string,
): Promise<ConsumerDepth | undefined> {
  try {
    const info = await jsm.consumers.info(stream, consumer)
    return {
      waiting: info.num_pending,
      inWork: info.num_ack_pending,
      delivered: info.delivered.consumer_seq,
    }
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
