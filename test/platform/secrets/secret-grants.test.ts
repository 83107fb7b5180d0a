import t from 'tap'
import { isSecretGranted, type SecretUse } from '#platform/secrets/secret-grants.ts'

t.test('a grant covers its tenant, origin, method and what lies below its path', async (t) => {
  const grant = { name: 'A', tenants: ['acme'], origin: 'https://a.example', pathPrefix: '/v1' }
  const use = (url: string, more: Partial<SecretUse> = {}): SecretUse => ({
    name: 'A',
    tenant: 'acme',
    method: 'GET',
    ...more,
    url: new URL(url),
  })
  const covers = (one: SecretUse, more = {}) => isSecretGranted([{ ...grant, ...more }], one)
  for (const url of ['https://a.example/v1', 'https://a.example/v1/', 'https://a.example:443/v1/x?y=%2f..'])
    t.ok(covers(use(url)), url)
  for (const url of [
    'https://a.example/v10',
    'https://a.example/v1/../x',
    'https://a.example/v1/..%2Fx',
    'https://a.example/v1//x',
    'http://a.example/v1',
    'https://a.example:444/v1',
    'https://a.example.evil/v1',
  ])
    t.notOk(covers(use(url)), url)
  const url = 'https://a.example/v1'
  t.notOk(covers(use(url, { tenant: 'other' })))
  t.notOk(covers(use(url, { name: 'B' })))
  t.ok(covers(use(url, { tenant: 'other' }), { tenants: ['*'] }))
  t.notOk(covers(use(url, { method: 'POST' }), { methods: ['GET'] }))
  t.ok(covers(use('https://a.example/..%2Fx'), { pathPrefix: '/' }))
  t.notOk(isSecretGranted([], use(url)))
})
