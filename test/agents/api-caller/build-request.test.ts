import t from 'tap'
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
