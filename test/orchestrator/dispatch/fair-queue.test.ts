import fc from 'fast-check'
import t from 'tap'
import { FairQueue } from '../../../services/orchestrator/dispatch/fair-queue.ts'
import {
  NO_LIMITS,
  type QueueLimits,
  shareOfLimits,
  slotsOfOneTenant,
} from '../../../services/orchestrator/dispatch/queue-limits.ts'
import { jainIndex, type SimulatedStep, simulateAgents } from '../../support/agents-simulation.ts'

const entry = (id: string, about: Partial<SimulatedStep> = {}): SimulatedStep => ({
  id,
  tenant: 'a',
  key: '',
  priority: 1,
  serviceMs: 100,
  arrivesAtMs: 0,
  ...about,
})
const many = (count: number, prefix: string, about: Partial<SimulatedStep> = {}) =>
  Array.from({ length: count }, (_, i) => entry(`${prefix}${i}`, about))

function queueWith(steps: SimulatedStep[], limits: Partial<QueueLimits> = {}): FairQueue<SimulatedStep> {
  const queue = new FairQueue<SimulatedStep>()
  queue.limits = { ...NO_LIMITS, ...limits }
  for (const step of steps) queue.push(step)
  return queue
}
const takeAll = (queue: FairQueue<SimulatedStep>, count: number, nowMs = 0) =>
  Array.from({ length: count }, () => queue.take(nowMs, 100)?.entry.id)

t.test('first in, first out within a flow; turn by turn between tenants', async (t) => {
  const queue = queueWith([...many(4, 'a'), ...many(2, 'b', { tenant: 'b' })])
  t.strictSame(takeAll(queue, 7), ['a0', 'b0', 'a1', 'b1', 'a2', 'a3', undefined])
  t.equal(queue.inFlight, 6)
})

t.test('weights: who has three times the weight gets three times the agent time', async (t) => {
  const steps = [...many(400, 'a'), ...many(400, 'b', { tenant: 'b' })]
  const queue = queueWith(steps, { weights: new Map([['b', 3]]) })
  const first = takeAll(queue, 400).filter((id) => id!.startsWith('b')).length
  t.ok(Math.abs(first - 300) <= 2, `${first} of 400`)
})

t.test(
  'charged by agent time, not by count: equal shares of time for steps of 10 ms and of 1 s',
  async (t) => {
    const steps = [
      ...many(20_000, 'a', { serviceMs: 10 }),
      ...many(1000, 'b', { tenant: 'b', serviceMs: 1000 }),
    ]
    const { usedMs } = simulateAgents({ steps, slots: 8, untilMs: 20_000 })
    const index = jainIndex([...usedMs.values()])
    t.ok(index >= 0.99, `Jain's index ${index}: ${[...usedMs]}`)
  },
)

t.test('a trickle beside a flood: p99 of its time ≤ 3 × its service time', async (t) => {
  const trickle = Array.from({ length: 100 }, (_, i) =>
    entry(`b${i}`, { tenant: 'b', serviceMs: 100, arrivesAtMs: 500 + i * 300 }),
  )
  const { latenciesMs } = simulateAgents({
    steps: [...many(10_000, 'a', { serviceMs: 150 }), ...trickle],
    slots: 8,
    untilMs: 40_000,
  })
  const sorted = latenciesMs.get('b')!.toSorted((a, b) => a - b)
  t.equal(sorted.length, 100)
  t.ok(sorted[98]! <= 300, `p99 ${sorted[98]} ms`)
})

t.test('between keys of one tenant it is the same', async (t) => {
  const steps = [
    ...many(5000, 'a', { key: 'x', serviceMs: 50 }),
    ...many(500, 'b', { key: 'y', serviceMs: 500 }),
  ]
  const { usedMsByKey } = simulateAgents({ steps, slots: 4, untilMs: 20_000 })
  const index = jainIndex([...usedMsByKey.values()])
  t.ok(index >= 0.97, `Jain's index ${index}`)
})

t.test('priorities: urgent first, and nothing starves', async (t) => {
  const queue = queueWith([
    ...many(200, 'n', { priority: 1 }),
    ...many(400, 'c', { priority: 0 }),
    ...many(50, 'l', { priority: 3 }),
  ])
  const order = takeAll(queue, 180)
  t.equal(order[0], 'c0')
  const counts = (prefix: string) => order.filter((id) => id!.startsWith(prefix)).length
  t.ok(counts('c') >= 158, `${counts('c')} urgent ones of 180`)
  t.ok(counts('n') >= 8 && counts('l') >= 8, `${counts('n')} and ${counts('l')} of the others`)
})

t.test('limits of tenant, key and type hold what is above them, and only that', async (t) => {
  const steps = [...many(5, 'a', { key: 'k' }), ...many(5, 'b', { tenant: 'b' }), entry('z', { tenant: 'z' })]
  const queue = queueWith(steps, { concurrencyOf: new Map([['b', 2]]), keyConcurrency: 1 })
  t.strictSame(takeAll(queue, 6), ['a0', 'b0', 'z', 'b1', undefined, undefined])
  queue.limits = { ...NO_LIMITS, concurrencyOf: new Map([['b', 3]]), keyConcurrency: 2 }
  t.strictSame(new Set(takeAll(queue, 3)), new Set(['a1', 'b2', undefined]))
  queue.limits = { ...NO_LIMITS, concurrency: 7 }
  t.equal(takeAll(queue, 3).filter((id) => id !== undefined).length, 1)
})

t.test('what never ran gives its charge back', async (t) => {
  const queue = queueWith([...many(3, 'a'), ...many(3, 'b', { tenant: 'b' })])
  const first = queue.take(0, 10_000)!
  queue.end(first, undefined)
  t.equal(first.entry.id, 'a0')
  t.strictSame(takeAll(queue, 5), ['b0', 'b1', 'b2', 'a1', 'a2'], 'it is paid back with the next one')
})

t.test('a rate holds back until its time, and says when that is', async (t) => {
  const queue = queueWith(many(10, 'a'), { perSecond: 2 })
  t.strictSame(takeAll(queue, 3), ['a0', 'a1', undefined])
  t.equal(queue.readyAtMs(0), 500)
  t.strictSame(takeAll(queue, 2, 500), ['a2', undefined])
  const keyed = queueWith([...many(3, 'k', { key: 'k' }), ...many(1, 'l', { key: 'l' })], { keyPerSecond: 1 })
  t.strictSame(takeAll(keyed, 3), ['k0', 'l0', undefined])
  t.equal(keyed.readyAtMs(0), 1000)
  t.strictSame(takeAll(keyed, 2, 1000), ['k1', undefined])
})

t.test('paused: nothing of the type, or of the tenant, until it is not', async (t) => {
  const queue = queueWith([entry('a0'), entry('b0', { tenant: 'b' })], { paused: true })
  t.strictSame(takeAll(queue, 1), [undefined])
  queue.limits = { ...NO_LIMITS, pausedTenants: new Set(['a']) }
  t.strictSame(takeAll(queue, 2), ['b0', undefined])
  queue.limits = NO_LIMITS
  t.strictSame(takeAll(queue, 1), ['a0'])
})

t.test('the part of one of several orchestrators', async (t) => {
  const limits = { ...NO_LIMITS, concurrency: 10, tenantConcurrency: 2, perSecond: 9 }
  t.match(shareOfLimits(limits, 3), {
    concurrency: 3,
    tenantConcurrency: 1,
    perSecond: 3,
    keyConcurrency: Number.POSITIVE_INFINITY,
  })
  t.equal(shareOfLimits(limits, 1), limits)
})

const anySteps = fc.array(
  fc.record({
    tenant: fc.constantFrom('a', 'b', 'c'),
    key: fc.constantFrom('', 'x', 'y'),
    priority: fc.constantFrom(0, 1, 2, 3),
    serviceMs: fc.integer({ min: 1, max: 500 }),
    arrivesAtMs: fc.integer({ min: 0, max: 2000 }),
  }),
  { minLength: 1, maxLength: 60 },
)
const anyLimits = fc.record({
  concurrency: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
  tenantConcurrency: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
  keyConcurrency: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
  perSecond: fc.constantFrom(5, 100, Number.POSITIVE_INFINITY),
  keyPerSecond: fc.constantFrom(5, Number.POSITIVE_INFINITY),
})

t.test('property: no limit is exceeded, everything goes in the end, each once', async (t) => {
  fc.assert(
    fc.property(anySteps, anyLimits, (about, some) => {
      const steps = about.map((one, i) => ({ ...one, id: `s${i}` }))
      const limits = { ...NO_LIMITS, ...some }
      const { ended, faults } = simulateAgents({ steps, slots: 4, untilMs: 1e9, limits })
      if (faults.length > 0) throw new Error(faults.join('; '))
      if (ended.length !== steps.length || new Set(ended).size !== steps.length)
        throw new Error(`${ended.length} of ${steps.length} ended`)
    }),
    { numRuns: 100 },
  )
  t.pass()
})

t.test('property: work-conserving: without limits no slot is free while something waits', async (t) => {
  fc.assert(
    fc.property(anySteps, (about) => {
      const steps = about.map((one, i) => ({ ...one, id: `s${i}` }))
      const { idleWhileWaiting } = simulateAgents({ steps, slots: 3, untilMs: 1e9 })
      if (idleWhileWaiting > 0) throw new Error(`${idleWhileWaiting} times`)
    }),
  )
  t.pass()
})

t.test(
  'property: Jain index ≥ 0.9 between tenants that always have work, whatever their steps take',
  async (t) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 5, max: 1000 }), { minLength: 2, maxLength: 5 }), (services) => {
        const steps = services.flatMap((serviceMs, i) =>
          many(Math.ceil(60_000 / serviceMs) * 4, `t${i}-`, { tenant: `t${i}`, serviceMs }),
        )
        const { usedMs } = simulateAgents({ steps, slots: 4, untilMs: 60_000 })
        const index = jainIndex([...usedMs.values()])
        if (index < 0.9) throw new Error(`${index} for ${services}: ${[...usedMs]}`)
      }),
      { numRuns: 5 },
    )
    t.pass()
  },
)

t.test('100,000 waiting: a choice costs microseconds', async (t) => {
  const queue = new FairQueue<SimulatedStep>()
  for (let i = 0; i < 100_000; i++) queue.push(entry(`s${i}`, { tenant: `t${i % 5000}`, key: `k${i % 7}` }))
  let taken = 0
  for (let charge = queue.take(0, 1); charge; charge = queue.take(0, 1)) {
    queue.end(charge, 1)
    taken++
  }
  t.equal(taken, 100_000)
  t.equal(queue.size, 0)
})

t.test('one tenant leaves an eighth of the slots, and one at least, to the others', async (t) => {
  t.strictSame(
    [2, 4, 8, 16, 64].map((slots) => slotsOfOneTenant(slots, 1)),
    [1, 3, 7, 14, 56],
  )
  t.equal(slotsOfOneTenant(1, 1), Number.POSITIVE_INFINITY, 'one slot can not be shared')
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5000 }),
      fc.integer({ min: 1, max: 16 }),
      (slots, orchestrators) => {
        const own = slotsOfOneTenant(slots, orchestrators)
        // All orchestrators together, as long as there is a slot for each beside the one that is left.
        if (slots > orchestrators && own * orchestrators >= slots) return false
        return own >= 1 && (orchestrators > 1 || own >= Math.floor(slots * 0.875) - 1)
      },
    ),
  )
})
