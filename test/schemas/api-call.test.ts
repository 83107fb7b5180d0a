import t from 'tap'
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
