import t from 'tap'
import { LaneShares, PriorityIntake } from '../../services/sdk/priority-intake.ts'
import { type FakeDelivery, FakeLanes } from '../support/fake-lanes.ts'
import { until } from '../support/until.ts'

/** An agent whose steps end when the test says so. */
function startAgent(capacity: number, fill: (lanes: FakeLanes) => void = () => {}) {
  const lanes = new FakeLanes()
  const running: { name: string; end: () => void }[] = []
  const ran: FakeDelivery[] = []
  let most = 0
  const intake = new PriorityIntake({
    agent: 'x',
    bus: lanes.bus,
    capacity,
    onDelivery: (delivery) => {
      const { message } = delivery as unknown as { message: FakeDelivery }
      ran.push({ ...message })
      const { promise, resolve } = Promise.withResolvers<void>()
      running.push({ name: message.name, end: resolve })
      most = Math.max(most, running.length)
      return promise
    },
  })
  fill(lanes)
  intake.start()
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    lanes,
    intake,
    running,
    ran,
    settle,
    most: () => most,
    /** Ends the step that began first. */
    async endOne() {
      running.shift()?.end()
      await settle()
    },
  }
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)
const fillAll = (count: number) => (lanes: FakeLanes) => {
  for (const lane of [2, 1, 0]) lanes.put(lane, ...names(`q${lane}-`, count))
}
/** Places of the steps of a lane in the order in which they ran, on average, from 1. */
function meanPlace(ran: readonly FakeDelivery[], lane: number): number {
  const places = ran.flatMap((step, i) => (step.lane === lane ? [i + 1] : []))
  return places.reduce((sum, place) => sum + place, 0) / places.length
}
const shareOf = (ran: readonly FakeDelivery[], lane: number) =>
  ran.filter((step) => step.lane === lane).length / ran.length

t.test('an idle agent waits on each queue for one, and asks for nothing else', async (t) => {
  const { lanes, settle, intake } = startAgent(4)
  await settle()
  t.strictSame(lanes.asked, [1, 1, 1, 1])
  const before = lanes.pulls
  for (let second = 0; second < 10; second++) {
    lanes.expire()
    await settle()
  }
  t.strictSame(lanes.asked, [1, 1, 1, 1], 'again, and again for one')
  t.equal(lanes.pulls - before, 40, 'one request a queue each time')
  await intake.stop()
})

t.test('a busy queue has all the slots at once, and never more', async (t) => {
  const agent = startAgent(16)
  await agent.settle()
  agent.lanes.put(1, ...names('b', 100))
  await agent.settle()
  t.equal(agent.running.length, 16)
  for (let i = 0; i < 100; i++) await agent.endOne()
  t.equal(agent.most(), 16)
  t.equal(agent.ran.length, 100)
  t.equal(agent.lanes.delivered.length, 100, 'nothing was taken and given back')
  await agent.intake.stop()
})

t.test('a backlog is taken with few requests: as many steps a request as slots are free', async (t) => {
  const agent = startAgent(50, (lanes) => lanes.put(1, ...names('b', 1000)))
  await agent.settle()
  const before = agent.lanes.pulls
  while (agent.ran.length < 1000) {
    for (const { end } of agent.running.splice(0)) end()
    await agent.settle()
  }
  // Nineteen at best; a slow machine lets a wait run out here and there. One a step would be 950.
  t.ok(agent.lanes.pulls - before <= 60, `${agent.lanes.pulls - before} requests for 950 steps`)
  await agent.intake.stop()
})

for (const capacity of [1, 4, 16]) {
  t.test(`${capacity} slots: the most urgent come first, and none starves`, async (t) => {
    const agent = startAgent(capacity, fillAll(40))
    await agent.settle()
    for (let i = 0; i < 120; i++) await agent.endOne()
    t.equal(agent.ran.length, 120, 'all of them ran, each once')
    t.equal(new Set(agent.ran.map(({ name }) => name)).size, 120)
    const [urgent, normal, low] = [0, 1, 2].map((lane) => meanPlace(agent.ran, lane)) as [
      number,
      number,
      number,
    ]
    t.ok(urgent <= 1.2 * 20.5, `urgent ones run at ${urgent} on average, at best 20.5`)
    t.ok(urgent < normal && normal < low, `then normal ones at ${normal}, low ones at ${low}`)
    t.ok(agent.most() <= capacity)
    t.ok(
      agent.ran.every(({ deliveryCount }) => deliveryCount === 1),
      'none was given back',
    )
    await agent.intake.stop()
  })

  t.test(`${capacity} slots: under a flood of urgent ones the others have their share`, async (t) => {
    const agent = startAgent(capacity, (lanes) => {
      fillAll(100)(lanes)
      lanes.put(0, ...names('flood', 2000))
    })
    await agent.settle()
    for (let i = 0; i < 1000; i++) await agent.endOne()
    for (const lane of [1, 2]) {
      const share = shareOf(agent.ran, lane)
      t.ok(share >= 0.05 && share <= 0.07, `lane ${lane} has ${share}`)
    }
    await agent.intake.stop()
  })

  t.test(`${capacity} slots, taken by a wait each: what comes then is in order too`, async (t) => {
    const agent = startAgent(capacity)
    await agent.settle()
    agent.lanes.put(1, ...names('first', capacity))
    await agent.settle()
    fillAll(40)(agent.lanes)
    await until('what had no slot went back', () =>
      agent.lanes.delivered.every((d) => d.settled || agent.ran.some(({ name }) => name === d.name)),
    )
    for (let i = 0; i < 120 + capacity; i++) await agent.endOne()
    const after = agent.ran.slice(capacity)
    t.equal(after.length, 120)
    t.ok(meanPlace(after, 0) <= 1.2 * 20.5, `urgent ones run at ${meanPlace(after, 0)}`)
    t.ok(agent.most() <= capacity)
    await agent.intake.stop()
  })
}

t.test('what has no slot waits for one a moment, most urgent first, and then goes back', async (t) => {
  const agent = startAgent(1)
  await agent.settle()
  agent.lanes.put(1, 'first')
  agent.lanes.put(2, 'low')
  agent.lanes.put(0, 'urgent')
  await agent.settle()
  t.equal(agent.lanes.delivered.length, 3, 'three waits were answered at once')
  await agent.endOne()
  t.equal(agent.running[0]?.name, 'urgent', 'a slot became free in time')
  await until('the other has gone back', () => agent.lanes.waiting(2).length === 1)
  await agent.endOne()
  t.strictSame(
    agent.ran.map(({ name }) => name),
    ['first', 'urgent', 'low'],
  )
  await agent.intake.stop()
})

t.test('paused: nothing is taken, what open pulls still bring goes back; resumed: it goes on', async (t) => {
  const agent = startAgent(4)
  await agent.settle()
  agent.intake.pause()
  agent.lanes.put(0, 'a', 'b')
  await agent.settle()
  t.strictSame(agent.ran, [])
  t.strictSame(agent.lanes.waiting(0).toSorted(), ['a', 'b'])
  agent.lanes.expire()
  await agent.settle()
  t.strictSame(agent.lanes.asked, [0, 0, 0, 0])
  agent.intake.resume()
  await agent.settle()
  t.equal(agent.ran.length, 2)
  await agent.intake.stop()
})

t.test('stopping: nothing is asked for any more, what still comes is given back', async (t) => {
  const agent = startAgent(2)
  await agent.settle()
  await agent.intake.stop()
  t.strictSame(agent.lanes.asked, [0, 0, 0, 0])
  agent.lanes.put(0, 'late')
  await agent.settle()
  t.strictSame(agent.ran, [])
  t.strictSame(agent.lanes.waiting(0), ['late'])
})

t.test('after the connection was lost it asks again', async (t) => {
  const agent = startAgent(3)
  await agent.settle()
  agent.lanes.expire('lost')
  agent.lanes.put(1, 'a')
  await until('it asked again', async () => {
    await agent.settle()
    return agent.ran.length > 0
  })
  t.strictSame(
    agent.ran.map(({ name }) => name),
    ['a'],
  )
  await agent.intake.stop()
})

t.test(
  'shares: one slot in 18 each, also when many are given at once; nothing is owed to the idle',
  async (t) => {
    const shares = new LaneShares(3)
    for (let i = 0; i < 64; i++) shares.granted(0)
    t.equal(shares.owed(0), 0)
    t.equal(shares.owed(1), 3)
    shares.granted(1)
    t.equal(shares.owed(1), 2)
    t.equal(shares.owed(2), 3)
    shares.forget(2)
    t.equal(shares.owed(2), 0)
  },
)

t.test(
  'one that is drained asks for nothing, takes what was on its way, and asks again when it may',
  async (t) => {
    const agent = startAgent(4, (lanes) => lanes.put(1, ...names('a', 2)))
    await agent.settle()
    t.equal(agent.running.length, 2)
    agent.intake.cordon(true)
    agent.lanes.put(0, 'on-its-way')
    await agent.settle()
    t.equal(agent.running.length, 3, 'it was asked for before')
    t.strictSame(agent.lanes.asked, [0, 0, 0, 0])
    agent.lanes.put(1, ...names('b', 3))
    await agent.endOne()
    agent.intake.pause()
    agent.intake.resume()
    await agent.settle()
    t.equal(agent.running.length, 2, 'slots that become free stay free')
    t.strictSame(agent.lanes.waiting(1), ['b0', 'b1', 'b2'])
    agent.intake.cordon(false)
    await agent.settle()
    t.equal(agent.running.length, 4)
    t.ok(
      agent.ran.every(({ deliveryCount }) => deliveryCount === 1),
      'none was given back',
    )
    await agent.intake.stop()
  },
)

t.test('one that is drained before it starts takes nothing', async (t) => {
  const lanes = new FakeLanes()
  const intake = new PriorityIntake({ agent: 'x', bus: lanes.bus, capacity: 1, onDelivery: async () => {} })
  intake.cordon(true)
  intake.start()
  t.equal(lanes.pulls, 0)
  intake.cordon(false)
  t.ok(lanes.pulls > 0)
  await intake.stop()
})
