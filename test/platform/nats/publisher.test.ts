import t from 'tap'
import { Publisher, StreamRefusal, WrongLastSequence } from '../../../services/platform/nats/publisher.ts'
import { WriteCoalescer } from '../../../services/platform/nats/write-coalescer.ts'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const storageBytes = 1024 ** 3
let retries = 0
const bus = await openBus(t, servers.natsUrl, { onPublishRetry: () => void retries++ })
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: 16, storageBytes })

// Through a connection of its own: what is asked while one is dialling again after a kill is lost, and times out.
const storedOn = async (subject: string): Promise<number> => {
  const { jsm: fresh } = await openNats(t, servers.natsUrl)
  const info = await fresh.streams.info('LOG', { subjects_filter: subject })
  return info.state.subjects?.[subject] ?? 0
}

t.test('a message is stored, once for each id', async (t) => {
  const subject = SUBJECTS.log(1, 'result')
  const first = await bus.publisher.publish(subject, 'a', { msgId: 'one', headers: { traceparent: '00-x' } })
  t.match(first, { seq: Number, duplicate: false })
  t.strictSame(await bus.publisher.publish(subject, 'b', { msgId: 'one' }), {
    seq: first.seq,
    duplicate: true,
  })
  const other = await bus.publisher.publish(subject, 'c', { msgId: 'other' })
  t.equal(other.seq, first.seq + 1)
  const message = await jsm.streams.getMessage('LOG', { seq: first.seq })
  t.equal(message?.string(), 'a')
  t.equal(message?.header.get('traceparent'), '00-x')
  t.equal(bus.publisher.inFlight, 0)
})

t.test('stored only behind the message that is expected to be the last of its subject', async (t) => {
  const subject = SUBJECTS.schedule('acme', 'nightly')
  const write = (msgId: string, expectedLastSeq: number) =>
    bus.publisher.publish(subject, 'x', { msgId, expectedLastSeq })
  const { seq } = await write('first', 0)
  for (const [msgId, expected] of [
    ['second first', 0],
    ['behind none', seq + 5],
  ] as const) {
    const refusal = await write(msgId, expected).catch((error: unknown) => error)
    t.ok(refusal instanceof WrongLastSequence, msgId)
  }
  t.match(await write('second', seq), { seq: Number, duplicate: false })
})

t.test(
  '2,000 messages in flight while the server is killed and restarted: each is stored exactly once',
  async (t) => {
    const subject = SUBJECTS.log(2, 'result')
    const count = 2000
    const send = (i: number) => bus.publisher.publish(subject, `m${i} `.padEnd(8192, 'x'), { msgId: `m${i}` })
    const acks = Array.from({ length: count / 2 }, (_, i) => send(i))
    await Promise.race(acks)
    // Half of them somewhere on the way, half of them with a server that does not answer any more.
    process.kill(servers.natsPid!, 'SIGSTOP')
    for (let i = count / 2; i < count; i++) acks.push(send(i))
    await servers.killNats()
    const inFlight = bus.publisher.inFlight
    t.ok(inFlight >= count / 2, `${inFlight} were in flight at the kill`)
    const duringOutage = Array.from({ length: 100 }, (_, i) =>
      bus.publisher.publish(subject, `late${i}`, { msgId: `late${i}` }),
    )
    await servers.restartNats()
    const stored = await Promise.all([...acks, ...duringOutage])
    t.ok(retries > 0, `${retries} were sent again`)
    t.equal(new Set(stored.map(({ seq }) => seq)).size, count + 100, 'each has a place of its own')
    t.equal(await storedOn(subject), count + 100, 'and nothing else is there')
    t.equal(bus.publisher.inFlight, 0)
  },
)

t.test('with a limit it gives up, and says why', async (t) => {
  await t.rejects(bus.publisher.publish('no.stream.here', '', { msgId: 'x', giveUpAfterMs: 400 }), {
    code: 'UNAVAILABLE',
    message: /not stored within/,
  })
  await jsm.streams.add({ name: 'TINY', subjects: ['tiny'], max_msgs: 1, discard: 'new' as never })
  await bus.publisher.publish('tiny', '1', { msgId: 'tiny-1' })
  await t.rejects(bus.publisher.publish('tiny', '2', { msgId: 'tiny-2', giveUpAfterMs: 600 }), {
    code: 'OVERLOADED',
    retryAfterMs: 1000,
  })
})

t.test('what the stream is too full for is stored once there is room', async (t) => {
  const waiting = bus.publisher.publish('tiny', '3', { msgId: 'tiny-3' })
  const before = retries
  await until('it was tried again', () => retries > before)
  await jsm.streams.purge('TINY')
  t.match(await waiting, { duplicate: false })
})

t.test(
  'who asks for it is told at once that there is no room, in a queue or in all of the stream',
  async (t) => {
    const config = { discard: 'new' as never, max_msgs_per_subject: 2, discard_new_per_subject: true }
    await jsm.streams.add({ name: 'QUEUES', subjects: ['queues.*'], ...config, max_bytes: 4096 })
    const send = (subject: string, id: string, data = 'x') =>
      bus.publisher.publish(subject, data, { msgId: id, refuseWhenFull: true })
    for (const id of ['q1', 'q2']) await send('queues.a', id)
    await t.rejects(send('queues.a', 'q3'), {
      code: 'OVERLOADED',
      message: /per subject/,
      retryAfterMs: 1000,
    })
    t.match(await send('queues.b', 'q4'), { duplicate: false }, 'another queue has room of its own')
    await t.rejects(send('queues.c', 'q5', 'x'.repeat(5000)), {
      code: 'OVERLOADED',
      message: /maximum bytes/,
    })
    t.match(await send('queues.a', 'q1'), { duplicate: true }, 'what is there already is not refused')
    t.equal(bus.publisher.inFlight, 0)
  },
)

t.test('what the stream will never take is told apart', async (t) => {
  await jsm.streams.add({ name: 'SMALL', subjects: ['small'], max_msg_size: 10 })
  const refused = bus.publisher.publish('small', 'more than ten', { msgId: 'small' })
  await t.rejects(refused, { code: 'UNAVAILABLE', message: /exceeds/ })
  t.type(await refused.catch((error: unknown) => error), StreamRefusal)
})

t.test('so many messages are under way; whoever would wait for ever is bounded by itself', async (t) => {
  const { nc } = await openNats(t, servers.natsUrl)
  const publisher = new Publisher(nc, new WriteCoalescer(nc), { inboxPrefix: '_INBOX', maxInFlight: 3 })
  t.teardown(() => publisher.close())
  const send = (about: { giveUpAfterMs?: number } = {}) =>
    publisher.publish('no.stream.here', '', { msgId: 'x', ...about }).catch((error: unknown) => error)
  const open = [send(), send(), send()]
  t.match(await send({ giveUpAfterMs: 60_000 }), { code: 'OVERLOADED', message: /3 messages are under way/ })
  open.push(send())
  t.equal(publisher.inFlight, 4)
  publisher.close()
  for (const end of await Promise.all(open)) t.match(end, { code: 'UNAVAILABLE' })
})

t.test('a message that is larger than the server takes fails alone', async (t) => {
  const subject = SUBJECTS.log(3, 'result')
  const [large, small] = await Promise.allSettled([
    bus.publisher.publish(subject, 'x'.repeat(2 * 1024 ** 2), { msgId: 'large' }),
    bus.publisher.publish(subject, 'small', { msgId: 'small' }),
  ])
  t.match(large, { status: 'rejected', reason: { code: 'PAYLOAD_TOO_LARGE', message: /2097152 bytes/ } })
  t.match(small, { status: 'fulfilled' })
  t.equal(bus.publisher.inFlight, 0)
  t.throws(() => bus.publishCore('a', 'ä'.repeat(600_000)), { code: 'PAYLOAD_TOO_LARGE' })
})

t.test('an answer that is too large becomes a problem, and the next is answered as ever', async (t) => {
  const end = bus.serveSubject(
    'test.large',
    ({ data }) => ({ text: 'x'.repeat(Number(Buffer.from(data).toString())) }),
    { queue: 'q' },
  )
  t.teardown(end)
  const ask = (size: number) => bus.request('test.large', String(size), { timeoutMs: 2000 })
  await t.rejects(ask(2_000_000), { code: 'PAYLOAD_TOO_LARGE' })
  t.same(await ask(3), { text: 'xxx' })
})

t.test('closing refuses what is out and what comes', async (t) => {
  const other = await openBus(t, servers.natsUrl)
  const out = other.publisher.publish('no.stream.here', '', { msgId: 'y' })
  const refused = t.rejects(out, { code: 'UNAVAILABLE', message: /closed/ })
  await other.close()
  await refused
  await t.rejects(other.publisher.publish('a', '', { msgId: 'z' }), { code: 'UNAVAILABLE' })
})
