import t from 'tap'
import { agentPolicySchema } from '#schemas/agent-policy.ts'
import { DEFAULT_POLICY, toPolicy } from '../../../services/orchestrator/dispatch/agent-policy.ts'

t.test('what is left out is as by default', async (t) => {
  t.strictSame(toPolicy({}), {
    ...DEFAULT_POLICY,
    keyLabel: undefined,
    stickyPath: undefined,
    versions: undefined,
  })
  const policy = toPolicy({
    strategy: 'sticky',
    stickyPath: 'model.name',
    weights: { acme: 2 },
    pausedTenants: ['x'],
    breaker: { minCalls: 3 },
  })
  t.strictSame(policy.stickyPath, ['model', 'name'])
  t.equal(policy.limits.weights.get('acme'), 2)
  t.ok(policy.limits.pausedTenants.has('x'))
  t.strictSame(policy.breaker, { ...DEFAULT_POLICY.breaker, minCalls: 3 })
})

t.test('what is none is refused', async (t) => {
  for (const bad of [
    { strategy: 'best' },
    { concurrency: 0 },
    { weights: { acme: 0 } },
    { breaker: { x: 1 } },
    { y: 1 },
  ])
    t.notOk(agentPolicySchema.safeParse(bad).success, JSON.stringify(bad))
})
