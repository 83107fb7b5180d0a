import t from 'tap'
import type { Delivery } from '../../../services/platform/nats/delivery.ts'
import { stepConsumers } from '../../../subjects/streams.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })

let agents = 0
/** A queue of its own with some messages in it. */
async function queue(messages: number, about: { ackWaitMs?: number } = {}) {
  const agent = `agent-${agents++}`
  const spec = { ...stepConsumers(agent)[1]!, ...about }
  await bus.consumers.provision(spec)
  const put = (from: number, to: number) =>
    Promise.all(
      Array.from({ length: to - from }, (_, i) =>
        bus.publisher.publish(spec.filterSubject, `m${from + i}`, { msgId: `${agent}:${from + i}` }),
      ),
    )
  await put(0, messages)
  const got: Delivery[] = []
  const puller = bus.consumers.createPuller(
    { stream: spec.stream, consumer: spec.name },
    (delivery) => void got.push(delivery),
  )
  const texts = () => got.map(({ data }) => Buffer.from(data).toString())
  return { spec, put, got, texts, puller, depth: () => bus.consumers.depth(spec.stream, spec.name) }
}

t.test('a pull for n brings n and not one more', async (t) => {
  const { puller, got, texts, depth } = await queue(10)
  t.equal(await puller.pull({ batch: 3, expiresMs: 2000 }), 'filled')
  t.strictSame(texts(), ['m0', 'm1', 'm2'])
  t.match(await depth(), { waiting: 7, inWork: 3 })
  t.equal(await puller.pull({ batch: 7, expiresMs: 2000 }), 'filled')
  t.equal(got.length, 10)
  for (const delivery of got) delivery.ack()
  await bus.flush()
  await until('the queue is empty', async () => (await depth())?.inWork === 0)
})

t.test('a pull that is not filled expires, with what there was', async (t) => {
  const { puller, texts } = await queue(2)
  const startedMs = performance.now()
  t.equal(await puller.pull({ batch: 5, expiresMs: 300 }), 'expired')
  const tookMs = performance.now() - startedMs
  t.ok(tookMs >= 250 && tookMs < 5000, `after ${Math.round(tookMs)} ms`)
  t.strictSame(texts(), ['m0', 'm1'])
})

t.test('what is there now: all of it, some of it, or nothing, and never a wait', async (t) => {
  const { puller, texts, got, put } = await queue(5)
  const startedMs = performance.now()
  t.equal(await puller.pull({ batch: 2 }), 'filled')
  t.equal(await puller.pull({ batch: 10 }), 'expired', 'the rest, and that there is no more')
  t.strictSame(texts(), ['m0', 'm1', 'm2', 'm3', 'm4'])
  t.strictSame(
    got.map(({ waiting }) => waiting),
    [4, 3, 2, 1, 0],
    'each says how many more wait',
  )
  t.equal(await puller.pull({ batch: 3 }), 'expired')
  t.ok(performance.now() - startedMs < 1500, 'at once')
  await put(5, 6)
  t.equal(await puller.pull({ batch: 1 }), 'filled')
})

t.test('what comes while a pull is open is handed over at once', async (t) => {
  const { puller, put, got } = await queue(0)
  const pull = puller.pull({ batch: 2, expiresMs: 5000 })
  await put(0, 1)
  await until('the first is here', () => got.length === 1)
  t.throws(() => puller.pull({ batch: 1, expiresMs: 1 }), /open already/)
  await put(1, 2)
  t.equal(await pull, 'filled')
})

t.test('settling: ack, nak, nak with a delay, term, working', async (t) => {
  const { puller, got, depth } = await queue(4, { ackWaitMs: 1000 })
  await puller.pull({ batch: 4, expiresMs: 2000 })
  const [acked, returned, later, poison] = got as [Delivery, Delivery, Delivery, Delivery]
  t.strictSame(
    got.map(({ deliveryCount }) => deliveryCount),
    [1, 1, 1, 1],
  )
  acked.ack()
  acked.nak()
  poison.term()
  later.nak(500)
  returned.nak()
  const startedMs = performance.now()
  t.equal(await puller.pull({ batch: 2, expiresMs: 3000 }), 'filled')
  t.ok(performance.now() - startedMs > 400, 'the delay was kept')
  t.strictSame(
    got.slice(4).map(({ seq, deliveryCount }) => [seq, deliveryCount]),
    [
      [returned.seq, 2],
      [later.seq, 2],
    ],
  )
  const alive = setInterval(() => got[4]!.working(), 200)
  t.teardown(() => clearInterval(alive))
  t.equal(await puller.pull({ batch: 1, expiresMs: 3000 }), 'filled')
  t.strictSame(
    [got[6]!.seq, got[6]!.deliveryCount],
    [later.seq, 3],
    'who says nothing loses it, who works keeps it',
  )
  clearInterval(alive)
  got[4]!.ack()
  got[6]!.ack()
  await bus.flush()
  await until('nothing is left', async () => {
    const left = await depth()
    return left?.waiting === 0 && left.inWork === 0
  })
})

t.test('without a consumer, and without a server, a pull is lost', async (t) => {
  const puller = bus.consumers.createPuller({ stream: 'STEPS', consumer: 'nobody' }, () =>
    t.fail('nothing comes'),
  )
  t.equal(await puller.pull({ batch: 1, expiresMs: 300 }), 'lost')
  const { puller: other, put, got } = await queue(0)
  const open = other.pull({ batch: 3, expiresMs: 30_000 })
  await servers.killNats()
  t.equal(await open, 'lost', 'at once, not when it expires')
  await servers.restartNats()
  await until('the connection is back', () => bus.connected)
  await put(0, 3)
  let end = 'lost'
  for (let tries = 0; tries < 10 && got.length < 3; tries++)
    end = await other.pull({ batch: 3 - got.length, expiresMs: 1000 })
  t.strictSame([end, got.length], ['filled', 3])
  const asked = other.pull({ batch: 1, expiresMs: 30_000 })
  other.abandon()
  t.equal(await asked, 'lost')
})

t.test('a pull that is cancelled takes nothing more; what comes goes to others', async (t) => {
  const { puller, spec, got, put } = await queue(0)
  const others: Delivery[] = []
  const other = bus.consumers.createPuller({ stream: spec.stream, consumer: spec.name }, (delivery) =>
    others.push(delivery),
  )
  const cancelled = puller.pull({ batch: 5, expiresMs: 60_000 })
  await bus.flush()
  puller.cancel()
  t.equal(await cancelled, 'cancelled')
  await put(0, 1)
  t.equal(await other.pull({ batch: 1, expiresMs: 10_000 }), 'filled')
  t.match([got.length, others[0]?.deliveryCount], [0, 1], 'the server has not handed it to whoever went away')
  await put(1, 2)
  t.equal(await puller.pull({ batch: 1, expiresMs: 10_000 }), 'filled', 'and it can pull again')
  puller.cancel()
})
