import t from 'tap'
import { apiCallRequestSchema } from '#schemas/api-call.ts'
import { classifyAttempt } from '../../../services/agents/api-caller/attempt-outcome.ts'
import { startServer } from '../../platform/http/local-server.ts'
import { openCaller } from './call-fixtures.ts'

const THROTTLED = { errors: [{ message: 'slow down', extensions: { code: 'THROTTLED' } }] }
const MIXED = {
  data: { a: 1, b: null },
  errors: [{ message: 'no b', extensions: { code: 'BAD' } }, { message: 'x' }],
}

t.test('a query with variables; the pick starts at data', async (t) => {
  const server = await startServer(t, (_request, response) =>
    response.end('{"data":{"country":{"name":"Chad"}}}'),
  )
  const { call } = openCaller(t)
  const graphql = {
    query: 'query Q($c: ID!) { country(code: $c) { name } }',
    variables: { c: 'TD' },
    operationName: 'Q',
  }
  const outcome = await call({ url: server.origin, graphql, pick: '/country/name' })
  t.match(outcome, { kind: 'done', output: { json: 'Chad', status: 200 } })
  t.equal(server.seen[0]?.method, 'POST')
  t.strictSame(JSON.parse(server.seen[0]?.body ?? ''), graphql)
  t.match(server.seen[0]?.headers, {
    'content-type': 'application/json',
    'idempotency-key': 'test-task:test-step',
  })
})

t.test('errors inside a 200 answer fail the call, or bring it back where they may pass', async (t) => {
  const answers: unknown[] = [MIXED, THROTTLED, { data: { a: 1 } }, MIXED]
  const server = await startServer(t, (_request, response, count) =>
    response.end(JSON.stringify(answers[count - 1])),
  )
  const { call } = openCaller(t)
  const graphql = { query: '{ a b }' }
  const failed = await call({ url: server.origin, graphql })
  t.match(failed, { kind: 'fail', error: { code: 'UPSTREAM_ERROR', message: /no b \(BAD\); x/ } })
  t.match(await call({ url: server.origin, graphql }), {
    kind: 'done',
    output: { attempts: 2, json: { a: 1 } },
  })
  const partial = await call({ url: server.origin, graphql: { ...graphql, allowPartial: true } })
  t.match(partial, {
    kind: 'done',
    output: { json: { a: 1 }, errors: [{ message: 'no b', code: 'BAD' }, { message: 'x' }] },
  })
})

t.test('codes of the service can be named as passing', async (t) => {
  const locked = { errors: [{ message: 'locked', extensions: { code: 'LOCKED' } }] }
  const server = await startServer(t, (_request, response) => response.end(JSON.stringify(locked)))
  const { call } = openCaller(t)
  const graphql = { query: '{ a }', retryCodes: ['LOCKED'] }
  t.match(await call({ url: server.origin, graphql, attempts: 2 }), { kind: 'retry' })
  t.equal(server.seen.length, 2)
  t.match(await call({ url: server.origin, graphql, idempotencyKey: false }), { kind: 'fail' })
})

t.test('what is no GraphQL answer fails', async (t) => {
  for (const body of ['<html>', '[]', '{}', 'null', '']) {
    const server = await startServer(t, (_request, response) => response.end(body))
    const outcome = await openCaller(t).call({ url: server.origin, graphql: { query: '{ a }' } })
    t.match(outcome, { kind: 'fail', error: { code: 'UPSTREAM_ERROR' } }, body)
  }
})

const answerOf = (status: number, body: string, headers: Record<string, string> = {}) => ({
  status,
  url: new URL('https://api.example/x'),
  headers: { 'content-type': 'application/json', ...headers },
  body: new TextEncoder().encode(body),
})

t.test('the status counts as the call expects it, and the answer is quoted where it is text', async (t) => {
  const call = apiCallRequestSchema.parse({ url: 'https://api.example/x', expect: [404] })
  t.match(classifyAttempt(call, answerOf(404, '{}'), 0), { kind: 'done', answer: { status: 404 } })
  t.strictSame(classifyAttempt(call, answerOf(403, ' no\n entry '), 0), {
    kind: 'permanent',
    code: 'UPSTREAM_ERROR',
    why: 'api.example answered with status 403: no entry',
  })
  const png = answerOf(503, 'PNG', { 'content-type': 'image/png', 'retry-after': '2' })
  t.match(classifyAttempt(call, png, 0), {
    kind: 'retry',
    why: 'api.example answered with status 503',
    afterMs: 2000,
    countsAgainstHost: true,
  })
})

t.test('errors inside GraphQL never count against the host', async (t) => {
  const call = apiCallRequestSchema.parse({
    url: 'https://api.example/x',
    graphql: { query: '{ a }', retryCodes: ['BUSY'] },
  })
  const outcome = (...codes: string[]) => {
    const errors = codes.map((code) => ({ message: 'm', extensions: { code } }))
    return classifyAttempt(call, answerOf(200, JSON.stringify({ data: null, errors })), 0)
  }
  t.match(outcome('THROTTLED'), { kind: 'retry', mayHaveArrived: false, countsAgainstHost: false })
  t.match(outcome('BUSY', 'THROTTLED'), { kind: 'retry', mayHaveArrived: true, countsAgainstHost: false })
  t.match(outcome('THROTTLED', 'FORBIDDEN'), { kind: 'permanent', why: /m \(THROTTLED\); m \(FORBIDDEN\)/ })
})
