import t from 'tap'
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
