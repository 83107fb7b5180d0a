import t from 'tap'
import { loadHttpConfig } from '#platform/config/http.ts'

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
  t.strictSame(config.secrets.grants, [{ name: 'API_TOKEN', origin: 'https://api.example.org' }])
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
