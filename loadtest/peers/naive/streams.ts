import { AckPolicy, type JetStreamClient, jetstream } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'

export async function openJetStream(natsUrl: string) {
  const nc = await connect({ servers: natsUrl, noAsyncTraces: true })
  return { nc, js: jetstream(nc, { timeout: 30_000 }) }
}

/** What a message is given to: acknowledged when it resolves. */
export type Handle = (message: {
  id: string
  step: string
  data: Uint8Array
  /** Puts the end of its time off. */
  working: () => void
}) => Promise<unknown>

/** Handles the messages of a subject whose last tokens are the step and the id. @param ackWaitMs that of JetStream unless given */
export async function consume(
  js: JetStreamClient,
  from: { stream: string; durable: string; filter: string; ackWaitMs?: number | undefined },
  handle: Handle,
): Promise<void> {
  const jsm = await js.jetstreamManager()
  await jsm.consumers.add(from.stream, {
    durable_name: from.durable,
    ack_policy: AckPolicy.Explicit,
    filter_subject: from.filter,
    max_ack_pending: 20_000,
    ...(from.ackWaitMs !== undefined && { ack_wait: from.ackWaitMs * 1_000_000 }),
  })
  const consumer = await js.consumers.get(from.stream, from.durable)
  await consumer.consume({
    max_messages: 1000,
    callback: (message) => {
      const [, , step, id] = message.subject.split('.')
      const { data } = message
      void handle({ id: id!, step: step!, data, working: () => message.working() }).then(() => message.ack())
    },
  })
}
