import fc from 'fast-check'
import t from 'tap'
import type { StrategyName } from '#schemas/agent-policy.ts'
import { parseRange } from '#workflow/plan/version-range.ts'
import type { AgentInstance } from '../../../services/orchestrator/dispatch/agent-instance.ts'
import { createStrategy, StrategyTurns } from '../../../services/orchestrator/dispatch/create-strategy.ts'
import {
  candidatesFor,
  drainedAlone,
  explainNobody,
  withoutNames,
} from '../../../services/orchestrator/dispatch/strategy.ts'
import { agentInstance, stepToPlace } from '../../support/dispatch-fixture.ts'

/** Sends so many steps that end at once; @returns how many each instance got. */
function sharesOf(name: StrategyName, instances: AgentInstance[], steps: number): Map<string, number> {
  const strategy = createStrategy(name)
  const shares = new Map<string, number>()
  for (let i = 0; i < steps; i++) {
    const choice = strategy.choose(stepToPlace({ stickyKey: `key-${i}` }), candidatesFor({}, instances, 0))
    if (choice?.to === 'instance') shares.set(choice.instance, (shares.get(choice.instance) ?? 0) + 1)
  }
  return shares
}

const choose = (name: StrategyName, instances: AgentInstance[], about = {}) =>
  createStrategy(name).choose(stepToPlace(about), candidatesFor(stepToPlace(about), instances, 0))

t.test('weighted: shares are those of the capacities, within 5 % over 10,000 steps', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }), (capacities) => {
      const instances = capacities.map((capacity, i) => agentInstance(`i${i}`, { capacity }))
      const total = capacities.reduce((sum, one) => sum + one, 0)
      const shares = sharesOf('weighted', instances, 10_000)
      for (const { id, capacity } of instances) {
        const wanted = (10_000 * capacity) / total
        if (Math.abs((shares.get(id) ?? 0) - wanted) > Math.max(1, 0.05 * wanted))
          throw new Error(`${id} got ${shares.get(id)}, ${wanted} were wanted`)
      }
    }),
    { numRuns: 10 },
  )
  t.pass()
})

t.test('weighted: spread evenly, not in bursts', async (t) => {
  const strategy = createStrategy('weighted')
  const instances = [
    agentInstance('a', { capacity: 5 }),
    agentInstance('b', { capacity: 1 }),
    agentInstance('c', { capacity: 1 }),
  ]
  const order = Array.from({ length: 7 }, () =>
    strategy.choose(stepToPlace(), candidatesFor({}, instances, 0)),
  )
  t.equal(order.map((choice) => choice?.to === 'instance' && choice.instance).join(''), 'aabacaa')
})

t.test('round robin: each in turn, and one without room is passed over', async (t) => {
  const instances = [agentInstance('c'), agentInstance('a'), agentInstance('b', { ownInFlight: 5 })]
  const strategy = createStrategy('round-robin')
  const next = () => {
    const choice = strategy.choose(stepToPlace(), candidatesFor({}, instances, 0))
    return choice?.to === 'instance' ? choice.instance : undefined
  }
  t.strictSame([next(), next(), next(), next()], ['a', 'c', 'a', 'c'])
})

t.test('least loaded: the share of slots counts, of what we sent and of what others sent', async (t) => {
  const instances = [
    agentInstance('a', { capacity: 8, ownInFlight: 3 }),
    agentInstance('b', { capacity: 2, ownInFlight: 1 }),
    agentInstance('c', { capacity: 4, othersInFlight: 2 }),
  ]
  t.match(choose('least-loaded', instances), { instance: 'a', because: /3 of 8/ })
  const full = instances.map((one) => ({ ...one, ownInFlight: 20 }))
  t.equal(choose('least-loaded', full), undefined)
  t.match(explainNobody({}, full, 0), /a: its slots are taken; b/)
})

t.test('pull: any, unless one that takes by itself must not have it', async (t) => {
  const healthy = agentInstance('a')
  t.match(choose('pull', [healthy, agentInstance('b', { status: 'draining' })]), { to: 'any' })
  t.match(choose('pull', [healthy, agentInstance('b', { heardAtMs: -5000, admits: false })]), { to: 'any' })
  t.match(choose('pull', [healthy, agentInstance('b', { admits: false })]), {
    instance: 'a',
    because: /^b must not/,
  })
  const unheard = agentInstance('b', { isDrained: true })
  t.match(choose('pull', [healthy, unheard]), { instance: 'a', because: /^b must not/ }, 'until it obeys')
  const drained = agentInstance('b', { isDrained: true, status: 'draining' })
  t.match(choose('pull', [healthy, drained]), { to: 'any' })
  t.match(
    choose('pull', [healthy, agentInstance('b', { version: '2' })], {
      requirements: { range: parseRange('2')! },
    }),
    {
      instance: 'b',
    },
  )
  t.equal(
    choose('pull', [], { requirements: { range: parseRange('2')! } }),
    undefined,
    'whoever comes may be another version',
  )
})

t.test('sticky: the same key meets the same instance; one that goes moves only its own keys', async (t) => {
  const instances = Array.from({ length: 8 }, (_, i) => agentInstance(`i${i}`, { capacity: 64 }))
  const at = (list: AgentInstance[]) =>
    Array.from({ length: 500 }, (_, i) => {
      const choice = choose('sticky', list, { stickyKey: `key-${i}` })
      return choice?.to === 'instance' ? choice.instance : ''
    })
  const before = at(instances)
  t.strictSame(at(instances), before)
  const after = at(instances.filter(({ id }) => id !== 'i3'))
  for (const [i, one] of before.entries()) if (one !== 'i3') t.equal(after[i], one)
  const shares = [...sharesOf('sticky', instances, 8000).values()]
  t.ok(Math.min(...shares) > 800 && Math.max(...shares) < 1200, `${shares}: spread over all`)
})

t.test(
  'sticky: a key that everybody asks for spills over to its second choice, never to a third',
  async (t) => {
    const instances = Array.from({ length: 6 }, (_, i) => agentInstance(`i${i}`, { capacity: 4 }))
    const strategy = createStrategy('sticky')
    const met = new Set<string>()
    let waited = 0
    for (let i = 0; i < 20; i++) {
      const choice = strategy.choose(stepToPlace({ stickyKey: 'hot' }), candidatesFor({}, instances, 0))
      if (choice?.to !== 'instance') waited++
      else {
        met.add(choice.instance)
        instances.find(({ id }) => id === choice.instance)!.ownInFlight++
      }
    }
    t.equal(met.size, 2)
    t.equal(waited, 10, 'both are full with five each')
  },
)

t.test(
  'while every instance that lives is drained nobody gets anything, not even by the queue of all',
  async (t) => {
    const drained = agentInstance('b', { isDrained: true, status: 'draining' })
    const gone = agentInstance('c', { heardAtMs: -5000 })
    const stopped = agentInstance('d', { status: 'stopped' })
    const onQueueOfAll = agentInstance('e', { hasOwnQueue: false })
    const without = (...all: AgentInstance[]) => withoutNames(candidatesFor({}, all, 0), 0)
    t.equal(without(drained, gone, stopped), 'nobody')
    t.strictSame(drainedAlone([drained, gone, stopped], 0), ['b'])
    t.match(explainNobody({}, [drained], 0), 'b: it is drained by an operator')
    t.match(without(drained, onQueueOfAll), { to: 'any' })
    t.strictSame(drainedAlone([drained, onQueueOfAll], 0), [])
    t.match(without(gone), { to: 'any' }, 'who is not there is not waited for')
    t.strictSame(drainedAlone([], 0), [])
  },
)

t.test('turns are those of some instances, and begin anew with another strategy', async (t) => {
  const turns = new StrategyTurns()
  const one = turns.of('round-robin', '^2 ')
  t.equal(turns.of('round-robin', '^2 '), one)
  t.not(turns.of('round-robin', ''), one)
  t.not(turns.of('weighted', '^2 '), one)
  t.not(turns.of('round-robin', '^2 '), one)
})
