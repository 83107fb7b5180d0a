import t from 'tap'
import { STRATEGY_NAMES } from '#schemas/agent-policy.ts'
import { limitsOf, STRATEGIES } from '../../../../services/console/screens/agents/strategies.ts'

t.test('every strategy has its words', async (t) => {
  t.strictSame(Object.keys(STRATEGIES).sort(), [...STRATEGY_NAMES].sort())
})

t.test('limits are told where they are set', async (t) => {
  t.strictSame(limitsOf({}), [])
  t.strictSame(limitsOf({ concurrency: 2000, weights: { acme: 2, b: 1 }, pausedTenants: [] }), [
    { name: 'Steps out at once', value: '2,000' },
    { name: 'Shares of tenants', value: 'acme 2, b 1' },
  ])
})
