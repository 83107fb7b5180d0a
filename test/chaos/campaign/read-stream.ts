import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'

export interface StoredMessage {
  seq: number
  atMs: number
  subject: string
  data: Uint8Array
}

/** All that a stream holds right now, in order. Of streams that are no work queues. */
export async function readStream(
  nc: NatsConnection,
  stream: string,
  filter?: string,
): Promise<StoredMessage[]> {
  const messages: StoredMessage[] = []
  if ((await countMessages(nc, stream)) === 0) return messages
  const consumer = await jetstream(nc).consumers.get(stream, {
    deliver_policy: DeliverPolicy.All,
    ...(filter !== undefined && { filter_subjects: [filter] }),
  })
  let left = (await consumer.info()).num_pending
  while (left > 0) {
    const batch = await consumer.fetch({ max_messages: Math.min(left, 1000), expires: 5000 })
    let got = 0
    for await (const { seq, subject, data, time } of batch) {
      messages.push({ seq, subject, data, atMs: time.getTime() })
      got++
    }
    if (got === 0) break
    left -= got
  }
  await consumer.delete()
  return messages
}

/** Messages that a stream holds. */
export async function countMessages(nc: NatsConnection, stream: string): Promise<number> {
  return (await (await jetstreamManager(nc)).streams.info(stream)).state.messages
}
