import t from 'tap'
import { WriteCoalescer } from '#platform/nats/write-coalescer.ts'

function open({ maxPayload }: { maxPayload?: number } = {}) {
  const sent: string[] = []
  const state = { isClosed: false }
  const nc = {
    info: maxPayload === undefined ? undefined : { max_payload: maxPayload },
    isClosed: () => state.isClosed,
    publish: (subject: string, data: Uint8Array) => void sent.push(`${subject} ${Buffer.from(data)}`),
  }
  return { sent, state, coalescer: new WriteCoalescer(nc as never) }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('what is sent in one turn of the event loop goes out together at its end, in order', async (t) => {
  const { sent, coalescer } = open()
  coalescer.send('a', '1')
  coalescer.send('b', Buffer.from('2'))
  t.strictSame(sent, [])
  await turn()
  t.strictSame(sent, ['a 1', 'b 2'])
  coalescer.send('c', '3')
  coalescer.flush()
  t.equal(sent.length, 3, 'or when it is asked for')
  await turn()
  t.equal(sent.length, 3, 'and not once more')
})

t.test('what the client would refuse later is refused at once', async (t) => {
  const { sent, coalescer } = open({ maxPayload: 2048 })
  for (const subject of ['', 'a b', 'a\r\nPUB x']) t.throws(() => coalescer.send(subject, 'x'), TypeError)
  const refused = { code: 'PAYLOAD_TOO_LARGE' }
  t.throws(() => coalescer.send('a', 'x'.repeat(2049)), refused)
  t.throws(() => coalescer.send('a', 'ä'.repeat(1025)), refused, 'bytes count, not characters')
  const headers = {} as never
  t.throws(() => coalescer.send('a', 'x'.repeat(1025), { headers }), refused, 'headers need room, too')
  coalescer.send('a', 'x'.repeat(2048))
  await turn()
  t.equal(sent.length, 1)
})

t.test('on a closed connection it is gone, as after sending', async (t) => {
  const { sent, state, coalescer } = open()
  coalescer.send('a', '1')
  state.isClosed = true
  await turn()
  t.strictSame(sent, [])
})
