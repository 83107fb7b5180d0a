import t from 'tap'
import { loadHttpConfig } from '#platform/config/http.ts'
import {
  type ApiCallRequestInput,
  apiCallRequestExample,
  apiCallRequestSchema,
  apiCallResponseExample,
  apiCallResponseSchema,
  graphqlCallRequestExample,
} from '#schemas/api-call.ts'

t.test('the examples are valid', async (t) => {
  for (const example of [apiCallRequestExample, graphqlCallRequestExample]) {
    t.ok(apiCallRequestSchema.safeParse(example).success)
  }
  t.ok(apiCallResponseSchema.safeParse(apiCallResponseExample).success)
})

t.test('requests that make no sense are refused', async (t) => {
  const url = 'https://example.org/'
  const graphql = { query: '{ a }' }
  const refused: [string, object][] = [
    ['a body with GET', { url, body: { text: 'x' } }],
    ['GraphQL by GET', { url, graphql, method: 'GET' }],
    ['GraphQL with a body', { url, graphql, body: { json: 1 } }],
    ['a pick from text', { url, accept: 'text', pick: '/a' }],
    ['a broken pointer', { url, pick: 'a' }],
    ['headers of the connection', { url, headers: { 'Content-Length': '5' } }],
    ['another host', { url, headers: { host: 'example.com' } }],
    ['a line break in a header', { url, headers: { a: 'b\r\nc: d' } }],
    ['no header name', { url, headers: { 'a b': 'c' } }],
    ['a path as a secret', { url, headers: { a: { $secret: '../../etc/passwd' } } }],
    ['unknown fields', { url, methods: 'GET' }],
  ]
  for (const [what, request] of refused) {
    t.notOk(apiCallRequestSchema.safeParse(request as ApiCallRequestInput).success, what)
  }
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
