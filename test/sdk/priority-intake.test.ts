import t from 'tap'
import { PriorityIntake } from '../../services/sdk/priority-intake.ts'
import { STEP_MAX_RUNS } from '../../subjects/streams.ts'
import { type FakeDelivery, FakeLanes } from '../support/fake-lanes.ts'

/** An agent whose steps end when the test says so. */
function startAgent(capacity: number) {
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

t.test('an idle agent asks each queue for one', async (t) => {
  const { lanes, settle } = startAgent(4)
  await settle()
  t.strictSame(lanes.asked, [1, 1, 1])
  lanes.expire()
  await settle()
  t.strictSame(lanes.asked, [1, 1, 1], 'again, and again for one')
})

t.test('a busy queue soon has all the slots, and never more', async (t) => {
  const agent = startAgent(16)
  agent.lanes.put(1, ...names('b', 100))
  await agent.settle()
  t.equal(agent.running.length, 16)
  for (let i = 0; i < 84; i++) await agent.endOne()
  t.equal(agent.most(), 16)
  t.equal(agent.ran.length, 100)
  t.ok(agent.lanes.delivered.length <= 100, 'nothing was taken and given back')
})

t.test('the most urgent first, and the others not never', async (t) => {
  const agent = startAgent(4)
  agent.lanes.put(2, ...names('low', 40))
  agent.lanes.put(1, ...names('mid', 40))
  agent.lanes.put(0, ...names('high', 40))
  await agent.settle()
  for (let i = 0; i < 60; i++) await agent.endOne()
  const first = agent.ran.slice(0, 60).map(({ lane }) => lane)
  const counts = [0, 1, 2].map((lane) => first.filter((other) => other === lane).length)
  t.ok(counts[0]! >= counts[1]! && counts[0]! >= counts[2]!, `urgent ones run most: ${counts}`)
  t.ok(counts[2]! >= 5, `the least urgent are not starved: ${counts}`)
  for (let i = 0; i < 60; i++) await agent.endOne()
  t.equal(new Set(agent.ran.map(({ name }) => name)).size, 120, 'all of them ran')
  t.equal(agent.ran.length, 120, 'each once')
  t.ok(agent.most() <= 4)
})

for (const capacity of [1, 2, 3]) {
  t.test(`with ${capacity} slots under mixed load nothing healthy is taken for poison`, async (t) => {
    const agent = startAgent(capacity)
    for (const lane of [0, 1, 2]) agent.lanes.put(lane, ...names(`q${lane}-`, 30))
    await agent.settle()
    for (let i = 0; i < 120 && agent.ran.length < 90; i++) await agent.endOne()
    t.equal(agent.ran.length, 90, 'all of them ran')
    t.ok(agent.most() <= capacity, `${agent.most()} at the same time`)
    const most = Math.max(...agent.ran.map(({ deliveryCount }) => deliveryCount))
    t.ok(most < STEP_MAX_RUNS, `${most} deliveries before it ran`)
  })
}

t.test('what waits in hand is kept alive, and given back at the end', async (t) => {
  const agent = startAgent(1)
  for (const lane of [0, 1, 2]) agent.lanes.put(lane, ...names(`q${lane}-`, 8))
  await agent.settle()
  const isHeld = () =>
    agent.lanes.delivered.filter((d) => !d.settled && !agent.ran.some(({ name }) => name === d.name))
  for (let i = 0; i < 20 && isHeld().length === 0; i++) await agent.endOne()
  const [held] = isHeld()
  if (!held) return t.fail('nothing was kept in hand')
  agent.intake.sayWorking()
  t.equal(held.working, 1)
  await agent.intake.stop()
  t.equal(held.settled, 'nak')
})

t.test('stopping: nothing is asked for any more, what still comes is given back', async (t) => {
  const agent = startAgent(2)
  await agent.settle()
  await agent.intake.stop()
  t.strictSame(agent.lanes.asked, [0, 0, 0])
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
  const untilMs = performance.now() + 5000
  while (agent.ran.length === 0 && performance.now() < untilMs) await agent.settle()
  t.strictSame(
    agent.ran.map(({ name }) => name),
    ['a'],
  )
})
