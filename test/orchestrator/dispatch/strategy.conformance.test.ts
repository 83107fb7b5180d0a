import fc from 'fast-check'
import t from 'tap'
import { STRATEGY_NAMES } from '#schemas/agent-policy.ts'
import { parseRange } from '#workflow/plan/version-range.ts'
import type { AgentInstance, Requirements } from '../../../services/orchestrator/dispatch/agent-instance.ts'
import { createStrategy } from '../../../services/orchestrator/dispatch/create-strategy.ts'
import { candidatesFor, explainNobody } from '../../../services/orchestrator/dispatch/strategy.ts'
import { agentInstance, stepToPlace } from '../../support/dispatch-fixture.ts'

const NOW_MS = 100_000
const anyInstance: fc.Arbitrary<AgentInstance> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  version: fc.constantFrom('1', '1.4.2', '2.0.0', 'nightly'),
  capabilities: fc.subarray(['gpu', 'ocr']),
  capacity: fc.integer({ min: 1, max: 8 }),
  ownInFlight: fc.integer({ min: 0, max: 8 }),
  othersInFlight: fc.integer({ min: 0, max: 4 }),
  status: fc.constantFrom('ready', 'draining', 'stopped'),
  heardAtMs: fc.constantFrom(NOW_MS, NOW_MS - 2900, NOW_MS - 3000, NOW_MS - 60_000),
  blockedMs: fc.constantFrom(0, 1500, 4000),
  admits: fc.boolean(),
  onTrial: fc.boolean(),
  hasOwnQueue: fc.boolean(),
  isDrained: fc.boolean(),
  obeysCordons: fc.boolean(),
})
const anyInstances = fc.uniqueArray(anyInstance, { selector: ({ id }) => id, maxLength: 6 })
const anyStep = fc.record({
  key: fc.string(),
  tenant: fc.constantFrom('t1', 't2'),
  priority: fc.constantFrom(0, 1, 2),
  stickyKey: fc.option(fc.string(), { nil: undefined }),
  requirements: fc.constantFrom(
    undefined,
    { range: parseRange('^1')! },
    { needs: ['gpu'] },
    { range: parseRange('2')!, needs: ['ocr'] },
  ),
})

/** What every strategy keeps to, whatever it goes by. */
for (const name of STRATEGY_NAMES) {
  t.test(`${name}: chooses only who is healthy, fits and has room, and says why`, async (t) => {
    fc.assert(
      fc.property(anyInstances, fc.array(anyStep, { minLength: 1, maxLength: 5 }), (instances, steps) => {
        const strategy = createStrategy(name)
        for (const step of steps) {
          const candidates = candidatesFor(step, instances, NOW_MS)
          const choice = strategy.choose(step, candidates)
          if (choice) t.ok(choice.because.length > 0)
          if (choice?.to === 'instance') {
            const chosen = instances.find(({ id }) => id === choice.instance)!
            fc.pre(chosen !== undefined)
            if (!isGood(chosen, step.requirements)) throw new Error(`${JSON.stringify(chosen)} was chosen`)
          } else if (choice?.to === 'any' && candidates.barred.length > 0)
            throw new Error('any, though one of them must not have it')
          // Sticky waits for its two choices rather than cooling a third one's cache.
          if (!choice && candidates.fit.length > 0 && (name !== 'sticky' || step.stickyKey === undefined))
            throw new Error('nobody, though somebody has room')
        }
      }),
    )
  })

  t.test(`${name}: the order in which instances are known decides nothing`, async (t) => {
    fc.assert(
      fc.property(anyInstances, anyStep, (instances, step) => {
        const one = createStrategy(name).choose(step, candidatesFor(step, instances, NOW_MS))
        const other = createStrategy(name).choose(step, candidatesFor(step, instances.toReversed(), NOW_MS))
        t.strictSame(one, other)
      }),
      { numRuns: 50 },
    )
  })

  t.test(
    `${name}: with one instance alone that is idle it is that or any, with none it is any or nobody`,
    async (t) => {
      const alone = [agentInstance('a', { heardAtMs: NOW_MS })]
      const choice = createStrategy(name).choose(stepToPlace(), candidatesFor(stepToPlace(), alone, NOW_MS))
      t.ok(choice?.to === 'any' || choice?.instance === 'a')
      const nobody = createStrategy(name).choose(stepToPlace(), candidatesFor(stepToPlace(), [], NOW_MS))
      t.equal(nobody?.to, name === 'pull' ? 'any' : undefined)
      t.equal(explainNobody(stepToPlace(), [], NOW_MS), 'no instance is known')
    },
  )
}

function isGood(one: AgentInstance, asks: Requirements | undefined): boolean {
  const inRange: readonly string[] = ({ '^1': ['1', '1.4.2'], '2': ['2.0.0'] } as Record<string, string[]>)[
    asks?.range?.text ?? ''
  ] ?? [one.version]
  return (
    one.status === 'ready' &&
    !one.isDrained &&
    one.admits &&
    one.hasOwnQueue &&
    one.heardAtMs > NOW_MS - 3000 &&
    one.blockedMs < 3000 &&
    inRange.includes(one.version) &&
    (asks?.needs ?? []).every((need) => one.capabilities.includes(need)) &&
    one.ownInFlight + one.othersInFlight < Math.ceil(one.capacity * 1.25)
  )
}
