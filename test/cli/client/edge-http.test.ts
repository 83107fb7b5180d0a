import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { z } from 'zod'
import { EdgeHttp } from '../../../services/cli/client/edge-http.ts'

type Answer = { status?: number; type?: string; body?: string }
interface Asked {
  request: IncomingMessage
  body: string
}

/** An edge that answers each path with what is given for it. */
const answers = new Map<string, Answer>()
const asked: Asked[] = []
const server = createServer((request, response) => {
  void buffer(request).then((body) => {
    asked.push({ request, body: body.toString() })
    const {
      status = 200,
      type = 'application/json',
      body: text = '',
    } = answers.get(request.url ?? '') ?? { status: 404 }
    response.writeHead(status, { 'content-type': type }).end(text)
  })
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
t.teardown(() => {
  server.closeAllConnections()
  server.close()
})
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const http = new EdgeHttp({ url, credential: 'mur_key' })
const schema = z.object({ n: z.int() })
const get = (path: string) => ({ method: 'GET', path }) as const

t.test('a request carries who asks, its query and its body', async (t) => {
  answers.set('/v1/a?label=x%3Ay&label=p%26q&limit=3', { body: '{"n": 1}' })
  const query = { label: ['x:y', 'p&q'], limit: '3' }
  t.strictSame(await http.call({ ...get('/v1/a'), query }, schema), { n: 1 })
  t.match(asked.at(-1)?.request.headers, { authorization: 'Bearer mur_key' })
  t.notOk('content-type' in (asked.at(-1)?.request.headers ?? {}), 'a GET has no body')
  answers.set('/v1/b', { status: 202, body: '{"n": 2}' })
  t.strictSame(await http.call({ method: 'POST', path: '/v1/b', json: { reason: 'ä' } }, schema), { n: 2 })
  t.match(asked.at(-1), {
    body: '{"reason":"ä"}',
    request: { method: 'POST', headers: { 'content-type': 'application/json' } },
  })
})

t.test('without a credential none is shown', async (t) => {
  answers.set('/v1/c', { body: '{"n": 1}' })
  await new EdgeHttp({ url, credential: undefined }).call(get('/v1/c'), schema)
  t.notOk('authorization' in (asked.at(-1)?.request.headers ?? {}))
})

t.test('a problem is the error that it names', async (t) => {
  const problem = {
    code: 'RATE_LIMITED',
    detail: 'slowly',
    retryAfterMs: 1500,
    issues: [{ path: 'limit', message: 'too large' }],
  }
  answers.set('/v1/limited', { status: 429, type: 'application/problem+json', body: JSON.stringify(problem) })
  await t.rejects(http.call(get('/v1/limited'), schema), {
    name: 'MurmurError',
    code: 'RATE_LIMITED',
    message: 'slowly',
    retryAfterMs: 1500,
    issues: problem.issues,
  })
})

t.test('what is no problem of an edge is told by its status', async (t) => {
  answers.set('/v1/proxy', { status: 504, type: 'text/html', body: '<html>' })
  answers.set('/v1/teapot', { status: 418, body: '{"code": "TEAPOT", "detail": "no"}' })
  await t.rejects(http.call(get('/v1/proxy'), schema), { code: 'UNAVAILABLE', message: /status 504/ })
  await t.rejects(http.call(get('/v1/teapot'), schema), { code: 'INTERNAL', message: /status 418: TEAPOT/ })
})

t.test('an answer of another form is refused', async (t) => {
  answers.set('/v1/other', { body: '{"n": "one"}' })
  answers.set('/v1/torn', { body: '{"n": ' })
  await t.rejects(http.call(get('/v1/other'), schema), {
    code: 'INTERNAL',
    message: /^\/v1\/other gave an answer/,
  })
  await t.rejects(http.call(get('/v1/torn'), schema), { code: 'MALFORMED_JSON' })
})

t.test('events come one by one, with ids and signs of life', async (t) => {
  answers.set('/v1/events', {
    type: 'text/event-stream',
    body: 'id: 7\n\n: alive\n\nevent: alert\nid: 8\ndata: {"a":1}\n\nevent: end\ndata: {}\n\n',
  })
  const ids: string[] = []
  let opened = 0
  const items: unknown[] = []
  const options = { onId: (id: string) => ids.push(id), onOpen: () => opened++ }
  for await (const item of http.events(get('/v1/events'), options))
    items.push(item === 'comment' ? item : `${item.event} ${item.data}`)
  t.strictSame(items, ['comment', 'alert {"a":1}', 'end {}'])
  t.strictSame(ids, ['7', '8'], 'also of a mark that carries nothing else')
  t.equal(opened, 1)
  t.equal(asked.at(-1)?.request.headers.accept, 'text/event-stream')
})
