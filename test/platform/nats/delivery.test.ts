import t from 'tap'
import { Delivery } from '../../../services/platform/nats/delivery.ts'
import { parseAckSubject } from '../../../subjects/jetstream-api.ts'

const SHORT = '$JS.ACK.STEPS.ingest-p0.2.17.31.1790000000123456789.5'
const parsed = { deliveries: 2, seq: 17, consumerSeq: 31, storedAtMs: 1_790_000_000_123, pending: 5 }

t.test('what the reply subject says, in both forms', async (t) => {
  t.strictSame(parseAckSubject(SHORT), parsed)
  const long = SHORT.replace('$JS.ACK.', '$JS.ACK.domain.hash.')
  t.strictSame(parseAckSubject(`${long}.random`), parsed, 'with domain, account hash and a random token')
  t.equal(
    parseAckSubject('$JS.ACK.S.c.1.1.1.1790000000999999999.0')?.storedAtMs,
    1_790_000_000_999,
    'cut, not rounded up to the next millisecond',
  )
  for (const other of ['', '_INBOX.a.b', '$JS.ACK.S.c.1.1.1.1', '$JS.ACK.S.c.x.1.1.1790000000000000000.0'])
    t.equal(parseAckSubject(other), undefined, other)
})

function deliver(reply: string | undefined = SHORT) {
  const sent: [subject: string, data: string][] = []
  const coalescer = {
    send: (subject: string, data: string | Uint8Array) =>
      void sent.push([subject, Buffer.from(data as Uint8Array).toString()]),
  }
  const message = { subject: 'steps.ingest.any.0', data: Buffer.from('{}'), reply, headers: undefined }
  return { sent, delivery: new Delivery(coalescer as never, message as never) }
}

t.test('what is said about a delivery goes to its acknowledgement subject, once', async (t) => {
  const { sent, delivery } = deliver()
  t.match(delivery, { seq: 17, deliveryCount: 2, waiting: 5, storedAtMs: 1_790_000_000_123 })
  t.equal(delivery.header('Nats-Msg-Id'), undefined)
  delivery.working()
  delivery.nak(1.5)
  delivery.ack()
  delivery.working()
  t.strictSame(sent, [
    [SHORT, '+WPI'],
    [SHORT, '-NAK {"delay":1500000}'],
  ])
  const again = deliver()
  again.delivery.nak()
  t.strictSame(again.sent, [[SHORT, '-NAK']])
})

t.test('a message of core NATS is no delivery', async (t) => {
  t.throws(() => deliver('_INBOX.x'), TypeError)
})
