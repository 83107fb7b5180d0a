import t from 'tap'
import { type ApiCallRequestInput, apiCallRequestSchema } from '#schemas/api-call.ts'
import {
  buildRequest,
  buildUrl,
  isExpectedStatus,
  secretNames,
} from '../../../services/agents/api-caller/build-request.ts'
import { startServer } from '../../platform/http/local-server.ts'
import { openCaller } from './call-fixtures.ts'

t.test('bodies are sent as JSON or text, with the idempotency key of the step', async (t) => {
  const server = await startServer(t, (_request, response) => response.writeHead(201).end('{}'))
  const { call } = openCaller(t)
  await call({ url: server.origin, method: 'POST', body: { json: { a: [1, null] } } })
  await call({ url: server.origin, method: 'PATCH', body: { text: 'täxt' }, idempotencyKey: 'mine' })
  await call({ url: server.origin, method: 'PUT', body: { text: 'a,b', contentType: 'text/csv' } })
  await call({ url: server.origin, method: 'POST', idempotencyKey: false })
  const seen = server.seen.map(({ method, body, headers }) => [
    method,
    body,
    headers['content-type'],
    headers['idempotency-key'],
  ])
  t.strictSame(seen, [
    ['POST', '{"a":[1,null]}', 'application/json', 'test-task:test-step'],
    ['PATCH', 'täxt', 'text/plain; charset=utf-8', 'mine'],
    ['PUT', 'a,b', 'text/csv', undefined],
    ['POST', '', undefined, undefined],
  ])
})

const callOf = (about: Partial<ApiCallRequestInput> = {}) =>
  apiCallRequestSchema.parse({ url: 'https://api.example:8443/a?b=1#c', ...about })
const build = (about: Partial<ApiCallRequestInput> = {}, secrets: [string, string][] = []) =>
  buildRequest(callOf(about), new Map(secrets), 'task:step')

t.test('a request can be repeated when its method says so, or when it carries a key', async (t) => {
  t.equal(build().repeatable, true)
  t.equal(build({ method: 'DELETE' }).repeatable, true)
  t.match(build({ method: 'POST' }), {
    repeatable: true,
    request: { headers: { 'idempotency-key': 'task:step' } },
  })
  t.equal(build({ method: 'POST', idempotencyKey: false }).repeatable, false)
  const own = build({ method: 'PATCH', idempotencyKey: false, headers: { 'Idempotency-Key': 'mine' } })
  t.equal(own.repeatable, true, 'the caller brought one')
})

t.test('the URL: query values are added, the fragment is dropped', async (t) => {
  const { request, origin } = build({ query: { b: [2, 'x y'], c: true } })
  t.equal(request.url, 'https://api.example:8443/a?b=1&b=2&b=x+y&c=true')
  t.equal(origin, 'https://api.example:8443')
  t.throws(() => buildUrl({ ...callOf(), url: 'nowhere' }), { code: 'INVALID_STEP_INPUT' })
})

t.test('secrets are put into their headers, with their prefix', async (t) => {
  const headers = { Authorization: { $secret: 'TOKEN', prefix: 'Bearer ' }, 'x-plain': 'yes' }
  t.strictSame(secretNames(callOf({ headers })), ['TOKEN'])
  t.match(build({ headers }, [['TOKEN', 'hush']]).request.headers, {
    authorization: 'Bearer hush',
    'x-plain': 'yes',
  })
  t.throws(() => build({ headers }), TypeError, 'never sent without its value')
})

t.test('what is expected: numbers, or classes of statuses', async (t) => {
  t.equal(isExpectedStatus({ expect: ['2xx'] }, 299), true)
  t.equal(isExpectedStatus({ expect: ['2xx'] }, 300), false)
  t.equal(isExpectedStatus({ expect: [404, '3xx'] }, 404), true)
  t.equal(isExpectedStatus({ expect: [] }, 200), false)
})
