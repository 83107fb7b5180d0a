import t from 'tap'
import type { AgentInstance } from '../../../services/orchestrator/dispatch/agent-instance.ts'
import { candidatesFor } from '../../../services/orchestrator/dispatch/strategy.ts'
import { VersionShares } from '../../../services/orchestrator/dispatch/version-shares.ts'
import { agentInstance } from '../../support/dispatch-fixture.ts'

const NOW_MS = 100_000
const one = (id: string, version: string, about: Partial<AgentInstance> = {}): AgentInstance =>
  agentInstance(id, { version, heardAtMs: NOW_MS, hasOwnQueue: true, capacity: 4, ...about })
const CHOICES = 10_000

/** How often each range had its turn. */
function turns(weights: Record<string, number>, instances: (i: number) => AgentInstance[]) {
  const shares = new VersionShares(new Map(Object.entries(weights)))
  const counts = new Map<string, number>()
  for (let i = 0; i < CHOICES; i++) {
    const narrowed = shares.narrow(candidatesFor({ requirements: undefined }, instances(i), NOW_MS))
    const versions = [...new Set(narrowed?.candidates.fit.map(({ version }) => version))].join()
    counts.set(versions, (counts.get(versions) ?? 0) + 1)
  }
  return counts
}

t.test('a canary gets its share of 10,000 choices to within 5 % of it', async (t) => {
  const all = [one('a', '1.4.0'), one('b', '1.4.0'), one('c', '2.0.0')]
  const counts = turns({ '1.x': 95, '2.x': 5 }, () => all)
  t.ok(Math.abs(counts.get('1.4.0')! - 9500) <= 0.05 * 9500, `${counts.get('1.4.0')} of 9,500`)
  t.ok(Math.abs(counts.get('2.0.0')! - 500) <= 0.05 * 500, `${counts.get('2.0.0')} of 500`)
})

t.test('weights need not come to 100, and are spread evenly', async (t) => {
  const shares = new VersionShares(
    new Map([
      ['1', 3],
      ['2', 1],
    ]),
  )
  const candidates = candidatesFor(
    { requirements: undefined },
    [one('a', '1.0.0'), one('b', '2.0.0')],
    NOW_MS,
  )
  const order = Array.from({ length: 8 }, () => shares.narrow(candidates)!.range)
  t.strictSame(order, ['1', '1', '2', '1', '1', '1', '2', '1'])
  t.match(shares.narrow(candidates)!.because, /versions 1 have 3 of 4/)
})

t.test('a range without room passes its turn on; one of which nobody lives has none', async (t) => {
  const full = one('c', '2.0.0', { ownInFlight: 5 })
  t.strictSame([...turns({ '1.x': 1, '2.x': 1 }, () => [one('a', '1.0.0'), full])], [['1.0.0', CHOICES]])
  t.strictSame([...turns({ '1.x': 1, '3.x': 1 }, () => [one('a', '1.0.0')])], [['1.0.0', CHOICES]])
})

t.test('instances in no range get nothing', async (t) => {
  t.strictSame([...turns({ '2.x': 1 }, () => [one('a', '1.0.0')])], [['', CHOICES]])
})
