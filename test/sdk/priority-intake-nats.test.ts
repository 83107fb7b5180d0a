import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Delivery } from '../../services/platform/nats/delivery.ts'
import { PriorityIntake } from '../../services/sdk/priority-intake.ts'
import { STREAMS, stepConsumers } from '../../subjects/streams.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { until } from '../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 4 * 1024 ** 3 })

interface Ran {
  lane: number
  deliveryCount: number
  atMs: number
}

let agents = 0
/** An agent type of its own, with its queues. */
async function createQueues() {
  const agent = `agent-${agents++}`
  const consumers = stepConsumers(agent)
  for (const spec of consumers) await bus.consumers.provision(spec)
  let put = 0
  const ran: Ran[] = []
  return {
    agent,
    ran,
    put: (lane: number, count: number) =>
      Promise.all(
        Array.from({ length: count }, () =>
          bus.publisher.publish(consumers[lane]!.filterSubject, String(lane), { msgId: `${agent}:${put++}` }),
        ),
      ),
    onRequest(t: Pick<Test, 'teardown'>, listener: () => void): void {
      for (const { name } of consumers)
        t.teardown(bus.subscribe(`$JS.API.CONSUMER.MSG.NEXT.${STREAMS.steps.name}.${name}`, listener))
    },
    left: async () => {
      const depths = await Promise.all(
        consumers.map(({ name }) => bus.consumers.depth(STREAMS.steps.name, name)),
      )
      return depths.reduce((sum, depth) => sum + depth!.waiting + depth!.inWork, 0)
    },
  }
}
type Queues = Awaited<ReturnType<typeof createQueues>>

/** An instance of the agent on a connection of its own, whose steps take `stepMs`. */
async function startInstance({ agent, ran }: Queues, capacity: number, stepMs: number) {
  const own = await openBus(t, servers.natsUrl)
  let inHand = 0
  let most = 0
  const intake = new PriorityIntake({
    agent,
    bus: own,
    capacity,
    async onDelivery(delivery: Delivery) {
      const lane = Number(Buffer.from(delivery.data).toString())
      ran.push({ lane, deliveryCount: delivery.deliveryCount, atMs: performance.now() })
      most = Math.max(most, ++inHand)
      await sleep(stepMs)
      delivery.ack()
      inHand--
    },
  })
  intake.start()
  return { intake, most: () => most }
}

function meanPlace(ran: readonly Ran[], lane: number): number {
  const places = ran.flatMap((step, i) => (step.lane === lane ? [i + 1] : []))
  return places.reduce((sum, place) => sum + place, 0) / places.length
}

const CASES = [1, 4, 16].flatMap((capacity) => [1, 2].map((instances) => ({ capacity, instances })))
for (const { capacity, instances } of CASES) {
  t.test(`40 of each wait: ${instances} instance(s) of ${capacity} slots`, async (t) => {
    const queues = await createQueues()
    for (const lane of [2, 1, 0]) await queues.put(lane, 40)
    const started = await Promise.all(
      Array.from({ length: instances }, () => startInstance(queues, capacity, capacity)),
    )
    const { ran } = queues
    await until('all ran', () => ran.length >= 120, 30_000)
    await until('and left their queue', async () => (await queues.left()) === 0)
    await Promise.all(started.map(({ intake }) => intake.stop()))
    t.equal(ran.length, 120, 'each once')
    const mean = meanPlace(ran, 0)
    t.comment(
      `urgent at ${mean.toFixed(1)}, normal at ${meanPlace(ran, 1).toFixed(1)}, low at ${meanPlace(ran, 2).toFixed(1)}`,
    )
    t.ok(mean <= 1.2 * 20.5, `urgent ones at ${mean} on average, at best 20.5`)
    for (const { most } of started) t.ok(most() <= capacity)
    const again = ran.filter(({ deliveryCount }) => deliveryCount > 1).length
    t.equal(again, 0, 'nothing was given back')
  })
}

t.test('under a flood of urgent ones the others have their share', async (t) => {
  const queues = await createQueues()
  await queues.put(1, 100)
  await queues.put(2, 100)
  await queues.put(0, 1200)
  const { intake } = await startInstance(queues, 4, 1)
  await until('a thousand ran', () => queues.ran.length >= 1000, 60_000)
  const first = queues.ran.slice(0, 1000)
  for (const lane of [1, 2]) {
    const share = first.filter((step) => step.lane === lane).length / first.length
    t.ok(share >= 0.05, `lane ${lane} has ${share}`)
  }
  await intake.stop()
})

t.test('an idle agent takes a step at once, and asks the server three times a second', async (t) => {
  const queues = await createQueues()
  let requests = 0
  queues.onRequest(t, () => void requests++)
  const { intake } = await startInstance(queues, 4, 1)
  await until('it waits on all of them', () => requests >= 6)
  requests = 0
  const sinceMs = performance.now()
  await until('it asked again', () => requests >= 9)
  const perSecond = (requests / (performance.now() - sinceMs)) * 1000
  t.ok(perSecond < 6, `${perSecond.toFixed(1)} requests a second`)
  const delays: number[] = []
  for (let i = 0; i < 30; i++) {
    const beforeMs = performance.now()
    await queues.put(i % 3, 1)
    await until('it ran', () => queues.ran.length > i)
    delays.push(queues.ran[i]!.atMs - beforeMs)
  }
  const median = delays.toSorted((a, b) => a - b)[15]!
  t.ok(median < 150, `taken ${median.toFixed(1)} ms after it was put there`)
  await intake.stop()
})

t.test('two arrivals at once for one slot: one has it, the other is back in its queue', async (t) => {
  const queues = await createQueues()
  let requests = 0
  queues.onRequest(t, () => void requests++)
  const first = await startInstance(queues, 1, 3000)
  // A look and a wait on each.
  await until('it waits on all of them', () => requests >= 6)
  await Promise.all([queues.put(0, 1), queues.put(2, 1)])
  await until('the first runs', () => queues.ran.length === 1)
  const second = await startInstance(queues, 1, 1)
  await until('another instance has the other', () => queues.ran.length === 2)
  const [one, other] = queues.ran as [Ran, Ran]
  t.ok(other.atMs - one.atMs < 2700, 'long before the first has ended')
  await Promise.all([first.intake.stop(), second.intake.stop()])
})
