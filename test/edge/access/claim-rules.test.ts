import t from 'tap'
import { accessByClaims, accessByRules, claimRulesSchema } from '../../../services/edge/access/claim-rules.ts'

const RULES = claimRulesSchema.parse([
  { claim: 'groups', value: 'dev', tenant: 'acme', scopes: ['tasks:read', 'tasks:write'] },
  { claim: 'realm_access.roles', value: 'viewer', tenant: 'acme', scopes: ['alerts:read'] },
  { claim: 'https://acme.example/team', value: 'x', tenant: 'other', scopes: ['tasks:read'] },
])
const byRules = (claims: Record<string, unknown>) => {
  const access = accessByRules(claims, RULES)
  return access && [access.tenant, [...access.scopes]]
}

t.test('rules: all that fit, of one tenant', async (t) => {
  t.strictSame(byRules({ groups: ['dev', 'all'] }), ['acme', ['tasks:read', 'tasks:write']])
  t.strictSame(byRules({ groups: 'dev' }), ['acme', ['tasks:read', 'tasks:write']])
  t.strictSame(byRules({ groups: ['dev'], realm_access: { roles: ['viewer'] } }), [
    'acme',
    ['tasks:read', 'tasks:write', 'alerts:read'],
  ])
  t.strictSame(byRules({ 'https://acme.example/team': 'x' }), ['other', ['tasks:read']])
  t.equal(byRules({ groups: ['dev'], 'https://acme.example/team': 'x' }), undefined, 'of two tenants')
  t.equal(
    byRules({ tenant: 'acme', scope: 'tasks:write' }),
    undefined,
    'what a token says itself does not count',
  )
  for (const groups of ['devs', ['d'], { dev: true }, null, [['dev']]])
    t.equal(byRules({ groups }), undefined, JSON.stringify(groups))
  t.equal(byRules({ realm_access: 'roles' }), undefined)
})

t.test('without rules: the tenant claim and the scopes of the token', async (t) => {
  const access = accessByClaims({ org: { id: 'acme' }, scope: 'tasks:read nonsense' }, 'org.id')
  t.strictSame([access?.tenant, [...(access?.scopes ?? [])]], ['acme', ['tasks:read']])
  t.strictSame([...accessByClaims({ tenant: 'a', scp: ['tasks:read', 7] }, 'tenant')!.scopes], ['tasks:read'])
  t.equal(accessByClaims({ tenant: ['acme'] }, 'tenant'), undefined)
  t.equal(accessByClaims({}, 'constructor'), undefined, 'what every object has is no claim')
})

t.test('rules that say nothing are refused', async (t) => {
  for (const rules of [
    [],
    [{ claim: 'g', value: 'x', tenant: 'a' }],
    [{ ...RULES[0], extra: 1 }],
    [{ ...RULES[0], scopes: ['all'] }],
  ])
    t.notOk(claimRulesSchema.safeParse(rules).success, JSON.stringify(rules))
})
