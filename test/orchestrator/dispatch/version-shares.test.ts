import t from 'tap'
import type { StrategyName } from '#schemas/agent-policy.ts'
import {
  AgentDispatch,
  type QueuedStep,
  type SentStep,
} from '../../../services/orchestrator/dispatch/agent-dispatch.ts'
import type { AgentInstance } from '../../../services/orchestrator/dispatch/agent-instance.ts'
import { toPolicy } from '../../../services/orchestrator/dispatch/agent-policy.ts'
import {
  type Candidates,
  type Choice,
  candidatesFor,
} from '../../../services/orchestrator/dispatch/strategy.ts'
import { VersionShares } from '../../../services/orchestrator/dispatch/version-shares.ts'
import { agentInstance, heartbeatOf } from '../../support/dispatch-fixture.ts'

const NOW_MS = 100_000
const one = (id: string, version: string, about: Partial<AgentInstance> = {}): AgentInstance =>
  agentInstance(id, { version, heardAtMs: NOW_MS, hasOwnQueue: true, capacity: 4, ...about })
const CHOICES = 10_000
const first = ({ fit }: Candidates): Choice => ({ to: 'instance', instance: fit[0]!.id, because: 'first' })
const among = (instances: AgentInstance[]) => candidatesFor({ requirements: undefined }, instances, NOW_MS)
const sharesOf = (weights: Record<string, number>) => new VersionShares(new Map(Object.entries(weights)))
const full = (id: string, version: string) => one(id, version, { ownInFlight: 5 })

/** Whom each of so many steps goes to. */
function turns(
  shares: VersionShares,
  instances: AgentInstance[],
  count: number,
  place: (candidates: Candidates) => Choice | undefined = first,
): string[] {
  return Array.from({ length: count }, () => {
    const choice = shares.choose(among(instances), place)
    return choice?.to === 'instance' ? choice.instance : 'nobody'
  })
}
const countOf = (all: readonly string[], id: string) => all.filter((each) => each === id).length

t.test('a canary gets its share of 10,000 choices, exactly of any hundred', async (t) => {
  const all = turns(sharesOf({ '1.x': 95, '2.x': 5 }), [one('a', '1.4.0'), one('b', '2.0.0')], CHOICES)
  t.equal(countOf(all, 'b'), 500)
  for (let i = 0; i + 100 <= CHOICES; i += 33)
    if (Math.abs(countOf(all.slice(i, i + 100), 'b') - 5) > 1) t.fail(`from ${i} on`)
})

t.test('weights need not come to 100, and are spread evenly', async (t) => {
  const shares = sharesOf({ '1': 3, '2': 1 })
  const instances = [one('a', '1.0.0'), one('b', '2.0.0')]
  t.equal(turns(shares, instances, 8).join(''), 'aabaaaba')
  t.match(shares.choose(among(instances), first)?.because, /^versions 1 have 3 of 4; first$/)
})

t.test('a range without room passes its turn on; one of which nobody lives has none', async (t) => {
  const halves = { '1.x': 1, '2.x': 1, '3.x': 1 }
  const all = turns(sharesOf(halves), [one('a', '1.0.0'), full('c', '2.0.0')], CHOICES)
  t.equal(countOf(all, 'a'), CHOICES)
})

t.test('instances in no range get nothing', async (t) => {
  t.strictSame(turns(sharesOf({ '2.x': 1 }), [one('a', '1.0.0')], 1), ['nobody'])
})

t.test('whoever was full is owed nothing: shares are exact from its first step on', async (t) => {
  for (const [saturated, other] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const shares = sharesOf({ '1.x': 95, '2.x': 5 })
    const both = [one('a', '1.0.0'), one('b', '2.0.0')]
    const during = both.map((instance) =>
      instance.id === saturated ? full(saturated, instance.version) : instance,
    )
    t.equal(countOf(turns(shares, during, CHOICES), other), CHOICES, 'meanwhile the other has all')
    const after = turns(shares, both, CHOICES)
    t.equal(countOf(after, 'b'), 500)
    for (let i = 0; i < 1000; i += 100) t.ok(Math.abs(countOf(after.slice(i, i + 100), 'b') - 5) <= 1)
  }
})

t.test('of three ranges those with room keep their shares to each other', async (t) => {
  const shares = sharesOf({ '1.x': 60, '2.x': 30, '3.x': 10 })
  const all = [one('a', '1.0.0'), one('b', '2.0.0'), one('c', '3.0.0')]
  const withoutFirst = [full('a', '1.0.0'), ...all.slice(1)]
  for (let i = 0; i < 20; i++) {
    const during = turns(shares, withoutFirst, 100)
    t.ok(Math.abs(countOf(during, 'c') - 25) <= 1, `${countOf(during, 'c')} of 100`)
    const after = turns(shares, all, 100)
    for (const [id, share] of [['a', 60], ['b', 30], ['c', 10]] as const) // biome-ignore format: a table
      t.ok(Math.abs(countOf(after, id) - share) <= 1, `${id}: ${countOf(after, id)} of 100`)
  }
})

t.test('a turn of which nothing came does not count', async (t) => {
  const shares = sharesOf({ '1.x': 1, '2.x': 1 })
  const instances = [one('a', '1.0.0'), one('b', '2.0.0')]
  const onlySecond = (candidates: Candidates) =>
    candidates.fit[0]!.id === 'a' ? undefined : first(candidates)
  t.equal(countOf(turns(shares, instances, 1000, onlySecond), 'b'), 1000, 'the other range has it at once')
  t.strictSame(turns(shares, instances, 100, () => undefined).slice(0, 1), ['nobody'])
  const after = turns(shares, instances, 100)
  t.equal(countOf(after, 'a'), 50)
})

/** Steps of 50 to 150 ms, so many there at a time, on two instances of version 1 and one of version 2, four slots each. */
function dispatched(strategy: StrategyName, backlog: number, steps: number): string[] {
  const dispatch = new AgentDispatch<QueuedStep>({ agent: 'x', onTransition: () => undefined })
  dispatch.configure(toPolicy({ strategy, versions: { '1.x': 95, '2.x': 5 } }), 1)
  const queues = ['old-1', 'old-2', 'new']
  const out = new Set<{ sent: SentStep<QueuedStep>; instance: string; endsAtMs: number }>()
  const went: string[] = []
  let pushed = 0
  for (let nowMs = 0; went.length < steps; nowMs += 10) {
    for (const [queue, id] of queues.entries()) {
      const inFlight = [...out].filter(({ instance }) => instance === id).length
      const about = { version: id === 'new' ? '2.0.0' : '1.0.0', queue, capacity: 4, inFlight }
      if (nowMs % 1000 === 0) dispatch.instances.heard(heartbeatOf('x', id, about), nowMs)
    }
    for (const each of out) {
      if (each.endsAtMs > nowMs) continue
      out.delete(each)
      dispatch.end(each.sent, { verdict: 'good', usedMs: 100 }, nowMs)
    }
    for (; dispatch.waiting + out.size < backlog; pushed++)
      dispatch.push({
        ...{ id: `s${pushed}`, tenant: 't', key: '', priority: 1, isGone: false },
        stickyKey: `k${(pushed * 7919) % 50}`,
      })
    for (const sent of dispatch.release(nowMs)) {
      const instance = sent.choice.to === 'instance' ? sent.choice.instance : 'any'
      out.add({ sent, instance, endsAtMs: nowMs + 50 + ((went.length * 37) % 100) })
      went.push(instance)
    }
  }
  return went
}

for (const strategy of ['pull', 'round-robin', 'weighted', 'least-loaded', 'sticky'] as const)
  t.test(`${strategy}: shares while there is room; all slots used while there is none`, async (t) => {
    const calm = dispatched(strategy, 3, 2000)
    t.ok(Math.abs(countOf(calm, 'new') - 100) <= 2, `${countOf(calm, 'new')} of 2000`)
    const saturated = countOf(dispatched(strategy, 1000, 3000), 'new') / 3000
    t.ok(saturated > 0.28 && saturated < 0.38, `a third of the slots, ${saturated} of the steps`)
  })
