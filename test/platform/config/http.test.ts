import t from 'tap'
import { loadHttpConfig } from '#platform/config/http.ts'

t.test('by default only public addresses on the usual ports, and no secret', async (t) => {
  t.strictSame(loadHttpConfig({}), {
    allow: [],
    ports: [80, 443, 8080, 8443],
    secrets: { grants: [], folder: undefined, values: new Map() },
  })
})

t.test('what is allowed, and the secrets that are granted: others are not read', async (t) => {
  const config = loadHttpConfig({
    MURMUR_HTTP_ALLOW: '10.0.0.0/8, db.internal',
    MURMUR_HTTP_PORTS: '*',
    MURMUR_SECRETS_DIR: '/run/secrets',
    MURMUR_SECRETS_ALLOW: 'GITHUB_TOKEN@https://api.github.com/some/path',
    MURMUR_SECRET_GITHUB_TOKEN: 'hunter2',
    MURMUR_SECRET_OTHER: 'hunter3',
  })
  t.strictSame(config, {
    allow: ['10.0.0.0/8', 'db.internal'],
    ports: 'any',
    secrets: {
      grants: [
        {
          name: 'GITHUB_TOKEN',
          tenants: ['default'],
          origin: 'https://api.github.com',
          pathPrefix: '/some/path',
        },
      ],
      folder: '/run/secrets',
      values: new Map([['GITHUB_TOKEN', 'hunter2']]),
    },
  })
})

t.test('faults are named by their variable', async (t) => {
  for (const [name, text] of [
    ['MURMUR_HTTP_ALLOW', '10.0.0.0/64'],
    ['MURMUR_HTTP_PORTS', '80,65536'],
    ['MURMUR_HTTP_PORTS', '0'],
    ['MURMUR_SECRETS_ALLOW', 'GITHUB_TOKEN'],
    ['MURMUR_SECRETS_ALLOW', 'GITHUB_TOKEN@ftp://example.org'],
  ] as const)
    t.throws(
      () => loadHttpConfig({ [name]: text }),
      { code: 'CONFIG_INVALID', issues: [{ path: name }] },
      text,
    )
})

t.test('the configuration reads lists, and only the secrets that are granted', async (t) => {
  t.strictSame(loadHttpConfig({}), {
    allow: [],
    ports: [80, 443, 8080, 8443],
    secrets: { grants: [], folder: undefined, values: new Map() },
  })
  const config = loadHttpConfig({
    MURMUR_HTTP_ALLOW: '127.0.0.0/8, internal.example ,fd00::1',
    MURMUR_HTTP_PORTS: '*',
    MURMUR_SECRETS_ALLOW: 'API_TOKEN@https://api.example.org/v1',
    MURMUR_SECRET_API_TOKEN: 'value',
    MURMUR_SECRET_OTHER: 'value',
  })
  t.strictSame(config.allow, ['127.0.0.0/8', 'internal.example', 'fd00::1'])
  t.equal(config.ports, 'any')
  t.strictSame(config.secrets.grants, [
    { name: 'API_TOKEN', tenants: ['default'], origin: 'https://api.example.org', pathPrefix: '/v1' },
  ])
  t.strictSame([...config.secrets.values.keys()], ['API_TOKEN'])
  for (const [name, value] of [
    ['MURMUR_HTTP_ALLOW', '127.0.0.0/99'],
    ['MURMUR_HTTP_PORTS', '80,99999'],
    ['MURMUR_SECRETS_ALLOW', 'API_TOKEN'],
    ['MURMUR_SECRETS_ALLOW', 'API_TOKEN@ftp://example.org'],
  ] as const) {
    t.throws(() => loadHttpConfig({ [name]: value }), { code: 'CONFIG_INVALID' }, value)
  }
})

t.test('grants as JSON say for whom, how and where', async (t) => {
  const grant = {
    name: 'API_TOKEN',
    tenants: ['acme'],
    origin: 'https://api.example.org',
    methods: ['GET'],
    pathPrefix: '/v1',
  }
  const load = (grants: unknown) =>
    loadHttpConfig({ MURMUR_SECRETS_ALLOW: JSON.stringify(grants) }).secrets.grants
  t.strictSame(load([grant]), [grant])
  for (const wrong of [
    { tenants: [] },
    { tenants: ['a.b'] },
    { origin: 'https://a.example/path' },
    { origin: 'file:///x' },
    { methods: ['get'] },
    { pathPrefix: 'v1' },
    { pathPrefix: '/%2e' },
    { more: 1 },
  ])
    t.throws(() => load([{ ...grant, ...wrong }]), { code: 'CONFIG_INVALID' }, JSON.stringify(wrong))
})
