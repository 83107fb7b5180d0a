import { connect } from 'node:net'
import t from 'tap'
import { Gateway } from '../../../services/edge/gateway/gateway.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { startService } from '../../support/services.ts'
import { openRest } from '../edge-fixture.ts'

// What HTTP itself asks of a server: methods, heads, preferences, and an id by which a request is found again.

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)

/** Has a fault of ours for one task. */
class BrokenGateway extends Gateway {
  override get(tenant: string, taskId: string): ReturnType<Gateway['get']> {
    if (taskId === 'tbroken') throw new TypeError('a fault')
    return super.get(tenant, taskId)
  }
}

const { url, port, logged } = await openRest(t, bus, { gateway: new BrokenGateway(bus) })

const plan = (about: object = {}) => ({
  type: 'plan',
  plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] },
  ...about,
})

async function ask(path: string, about: RequestInit & { json?: object } = {}) {
  const { json, ...init } = about
  const response = await fetch(`${url}${path}`, {
    ...init,
    ...(json && {
      method: 'POST',
      body: JSON.stringify(json),
      headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
    }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson && text !== '' ? JSON.parse(text) : undefined,
  }
}

t.test('X-Request-Id: taken when it is a token, made otherwise, in every answer', async (t) => {
  const given = { 'x-request-id': 'may-7.b_2' }
  for (const path of [
    '/v1/tasks',
    '/v1/tasks/tnone',
    '/v1/none',
    '/v1/tasks/%',
    '/v1/openapi.json',
    '/docs/',
  ])
    t.equal((await ask(path, { headers: given })).headers.get('x-request-id'), 'may-7.b_2', path)
  const refused = await ask('/v1/tasks/tnone', { headers: given })
  t.match(refused.body, { requestId: 'may-7.b_2', instance: '/v1/tasks/tnone' })
  t.equal(
    (await ask('/v1/tasks/%', { headers: given })).body.requestId,
    'may-7.b_2',
    'where no route is looked for',
  )
  for (const odd of ['', 'a b', 'ü'.normalize('NFD'), 'x'.repeat(129), '{"a":1}', 'a, b']) {
    const id = (
      await ask('/v1/tasks', { headers: { 'x-request-id': Buffer.from(odd).toString('latin1') } })
    ).headers.get('x-request-id')
    t.match(id, /^[0-9a-f-]{36}$/, odd.slice(0, 20))
  }
  const [one, other] = [await ask('/v1/none'), await ask('/v1/none')]
  t.not(one.body.requestId, other.body.requestId)
  t.equal(one.body.requestId, one.headers.get('x-request-id'))
})

t.test('an event stream and a refused upload have their id as well', async (t) => {
  const { body } = await ask('/v1/tasks', { json: plan({ delayMs: 3_600_000 }) })
  const gone = new AbortController()
  const stream = await fetch(`${url}/v1/tasks/${body.taskId}/events`, {
    headers: { 'x-request-id': 'watch-1' },
    signal: gone.signal,
  })
  t.equal(stream.headers.get('x-request-id'), 'watch-1')
  gone.abort()
  const upload = await ask('/v1/objects', { method: 'POST', body: 'x', headers: { 'content-type': 'odd' } })
  t.match(upload, { status: 415, body: { requestId: upload.headers.get('x-request-id') } })
})

t.test('Prefer: wait=N is ?wait=N; the query wins', async (t) => {
  const submit = async (query: string, prefer: string) => {
    const { status, headers, body } = await ask(`/v1/tasks${query}`, { json: plan(), headers: { prefer } })
    return [status, headers.get('preference-applied'), body.task?.status ?? body.code]
  }
  for (const prefer of [
    'wait=20',
    'respond-async, Wait = "20"',
    'wait=20, wait=0',
    'handling=lenient, wait=20; x=y',
  ])
    t.strictSame(await submit('', prefer), [200, 'wait=20', 'completed'], prefer)
  t.strictSame(await submit('', 'wait=3600'), [200, 'wait=60', 'completed'], 'as long as it can')
  t.strictSame(await submit('', 'wait=0'), [202, 'wait=0', undefined])
  for (const prefer of [
    '',
    'wait',
    'wait=',
    'wait=soon',
    'wait=-1',
    'wait=1.5',
    'await=20',
    'wait, wait=20',
    'respond-async',
  ])
    t.strictSame(await submit('', prefer), [202, null, undefined], prefer)
  t.strictSame(await submit('?wait=0', 'wait=20'), [202, null, undefined], 'the query wins')
  t.strictSame(await submit('?wait=20', 'wait=0'), [200, null, 'completed'])
  t.strictSame(await submit('?wait=20', 'wait=20'), [200, 'wait=20', 'completed'])
  t.strictSame(await submit('?wait=', 'wait=20'), [400, null, 'INVALID_REQUEST'])
})

t.test('what is no HTTP is told so with an id, and the connection is closed', async (t) => {
  for (const bytes of ['GARBAGE\r\n\r\n', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`]) {
    const said = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
      let text = ''
      socket.setEncoding('latin1')
      socket.on('data', (chunk: string) => {
        text += chunk
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(text))
    })
    const [head = '', body = ''] = said.split('\r\n\r\n')
    const problem = JSON.parse(body)
    t.match(head, /^HTTP\/1\.1 400 [\s\S]*application\/problem\+json/)
    t.match(problem, { code: 'INVALID_REQUEST', status: 400, requestId: /^[0-9a-f-]{36}$/ })
    t.match(head, `x-request-id: ${problem.requestId}`)
  }
})

t.test('a fault of ours is in the log under its id', async (t) => {
  const { status } = await ask('/v1/tasks/tbroken', { headers: { 'x-request-id': 'find-me' } })
  t.equal(status, 500)
  t.match(
    logged().find((line) => line.requestId === 'find-me'),
    { level: 'error', message: 'a request failed', url: '/v1/tasks/tbroken' },
  )
})

t.test('another method on a path that is there: 405 and what it takes; elsewhere 404', async (t) => {
  const cases: [method: string, path: string, allow: string | null][] = [
    ['DELETE', '/v1/tasks', 'GET, HEAD, POST'],
    ['PUT', '/v1/tasks/t1', 'GET, HEAD'],
    ['POST', '/v1/tasks/t1', 'GET, HEAD'],
    ['GET', '/v1/tasks/t1/cancel', 'POST'],
    ['HEAD', '/v1/tasks/t1/cancel', 'POST'],
    ['PATCH', '/v1/tasks/t1/events', 'GET'],
    ['HEAD', '/v1/tasks/t1/events', 'GET'],
    ['HEAD', '/v1/alerts/events', 'GET'],
    ['POST', '/v1/alerts/events', 'GET'],
    ['PUT', '/v1/objects/uploads/a/b', 'DELETE, GET, HEAD'],
    ['GET', '/v1/objects', 'POST'],
    ['PROPFIND', '/v1/plans', 'POST'],
    ['POST', '/v1/status', 'GET, HEAD'],
    ['POST', '/v1/openapi.json', 'GET, HEAD'],
    ['DELETE', '/v1/none', null],
    ['GET', '/v1/', null],
    ['GET', '/v1/tasks/a/b/c', null],
    ['GET', '/v1/tasksx', null],
  ]
  for (const [method, path, allow] of cases) {
    const answer = await ask(path, { method })
    const what = `${method} ${path}`
    t.equal(answer.status, allow === null ? 404 : 405, what)
    t.equal(answer.headers.get('allow'), allow, what)
    if (method !== 'HEAD')
      t.match(answer.body, { code: allow === null ? 'NOT_FOUND' : 'METHOD_NOT_ALLOWED', fix: String }, what)
  }
})

t.test('HEAD: the headers of GET, and no body', async (t) => {
  const done = (await ask('/v1/tasks?wait=20', { json: plan() })).body
  const upload = await ask('/v1/objects?name=a.csv', {
    method: 'POST',
    body: 'a;b\n1;2\n',
    headers: { 'content-type': 'text/csv' },
  })
  const { blob } = upload.body.object
  for (const path of ['/v1/tasks', `/v1/tasks/${done.taskId}`, '/v1/agents', `/v1/objects/${blob}`]) {
    const [get, head] = [await ask(path), await ask(path, { method: 'HEAD' })]
    t.equal(head.status, 200, path)
    t.equal(head.text, '', path)
    for (const name of ['content-type', 'content-length', 'etag', 'content-disposition'])
      t.equal(head.headers.get(name), get.headers.get(name), `${path} ${name}`)
  }
  const etag = upload.body.object.sha256
  const known = await ask(`/v1/objects/${blob}`, {
    method: 'HEAD',
    headers: { 'if-none-match': `"${etag}"` },
  })
  t.equal(known.status, 304)
  t.equal((await ask('/v1/tasks/tnone', { method: 'HEAD' })).status, 404)
})
