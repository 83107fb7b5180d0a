import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskState } from '#schemas/task.ts'
import { Gateway } from '../../../services/edge/gateway/gateway.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'
import { openRest, readEvents } from '../edge-fixture.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const { url, port } = await openRest(t, bus)

const plan = (about: object = {}) => ({
  type: 'plan',
  plan: {
    steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }],
    output: { $from: 'steps.a.output' },
  },
  ...about,
})
/** Nothing happens in it for a while. */
const sleeping = (about: object = {}) => plan({ delayMs: 60_000, ...about })

async function ask(
  path: string,
  options: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const { method = options.body === undefined ? 'GET' : 'POST', body } = options
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...options.headers },
    ...(body !== undefined && {
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    }),
  })
  const text = await response.text()
  const type = response.headers.get('content-type') ?? ''
  return {
    status: response.status,
    headers: response.headers,
    type,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

async function submitted(about: object): Promise<string> {
  const { status, body } = await ask('/v1/tasks', { body: about })
  if (status !== 202) throw new Error(JSON.stringify(body))
  return body.taskId
}

t.test('submit: the receipt, or the task when it is waited for', async (t) => {
  const receipt = await ask('/v1/tasks', { body: sleeping() })
  t.match(receipt, { status: 202, body: { taskId: /^t/, duplicate: false } })
  t.equal(receipt.headers.get('location'), `/v1/tasks/${receipt.body.taskId}`)
  const whole = await ask('/v1/tasks?wait=20', { body: plan() })
  t.match(whole, { status: 200, body: { task: { status: 'completed', output: { payload: 'x' } } } })
  const slow = await ask('/v1/tasks?wait=0.2', { body: sleeping() })
  t.match(slow, { status: 202, body: { taskId: /^t/ } })
})

t.test('what is accepted stays accepted, also while nobody can say how it is', async (t) => {
  let isAway = true
  /** As an orchestrator answers that has not read all of the log yet. */
  class Starting extends Gateway {
    asked = 0
    override async get(tenant: string, taskId: string): Promise<TaskState> {
      this.asked++
      if (isAway) throw new MurmurError('UNAVAILABLE', 'not all that happened to tasks is known yet')
      return super.get(tenant, taskId)
    }
  }
  const gateway = new Starting(bus)
  const starting = await openRest(t, bus, { gateway })
  const post = (wait: number) =>
    fetch(`${starting.url}/v1/tasks?wait=${wait}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(plan()),
    })
  const late = await post(0.2)
  const receipt = (await late.json()) as { taskId: string }
  t.match({ status: late.status, receipt }, { status: 202, receipt: { taskId: /^t/ } })
  t.equal(late.headers.get('location'), `/v1/tasks/${receipt.taskId}`)
  gateway.asked = 0
  const waiting = post(20)
  await until('it was asked twice', () => gateway.asked > 1)
  isAway = false
  const done = await waiting
  t.match(
    { status: done.status, body: await done.json() },
    { status: 200, body: { task: { status: 'completed' } } },
  )
})

t.test('the same key again is the same task; with another body it is refused', async (t) => {
  const [first, again] = [
    await ask('/v1/tasks', { body: sleeping(), headers: { 'idempotency-key': 'k1' } }),
    await ask('/v1/tasks', { body: sleeping({ idempotencyKey: 'k1' }) }),
  ]
  t.match(again, { status: 202, body: { taskId: first.body.taskId, duplicate: true } })
  t.match(await ask('/v1/tasks', { body: plan(), headers: { 'idempotency-key': 'k1' } }), {
    status: 409,
    body: { code: 'IDEMPOTENCY_CONFLICT' },
  })
  t.match(
    await ask('/v1/tasks', {
      body: sleeping({ idempotencyKey: 'k2' }),
      headers: { 'idempotency-key': 'k1' },
    }),
    {
      status: 400,
      body: { issues: [{ path: 'idempotencyKey' }] },
    },
  )
})

t.test('get: with an ETag of its revision', async (t) => {
  const id = await submitted(sleeping({ labels: { team: 'a' } }))
  const { status, headers, body } = await ask(`/v1/tasks/${id}`)
  t.match(
    { status, body },
    { status: 200, body: { task: { id, status: 'scheduled', labels: { team: 'a' } } } },
  )
  const etag = headers.get('etag')!
  t.equal((await ask(`/v1/tasks/${id}`, { headers: { 'if-none-match': etag } })).status, 304)
  t.match(await ask('/v1/tasks/tnone'), {
    status: 404,
    type: /^application\/problem\+json/,
    body: {
      type: 'urn:murmuration:error:TASK_NOT_FOUND',
      title: 'Not Found',
      status: 404,
      detail: /tnone/,
      instance: '/v1/tasks/tnone',
      fix: String,
    },
  })
})

t.test('list: by label, time and status, page by page', async (t) => {
  const ids: string[] = []
  for (let i = 0; i < 7; i++)
    ids.push(await submitted(sleeping({ labels: { run: 'list', even: String(i % 2 === 0) } })))
  // A list shows what is folded; asked for one, an orchestrator waits until it is.
  for (const id of ids) await ask(`/v1/tasks/${id}`)
  const seen: string[] = []
  let cursor = ''
  do {
    const page = await ask(`/v1/tasks?label=run:list&limit=3${cursor && `&cursor=${cursor}`}`)
    t.equal(page.status, 200, JSON.stringify(page.body))
    seen.push(...page.body.tasks.map((task: TaskState) => task.id))
    cursor = page.body.nextCursor ?? ''
  } while (cursor)
  t.strictSame(seen.toSorted(), ids.toSorted())
  const even = await ask('/v1/tasks?label=run:list&label=even:true&status=scheduled&type=plan')
  t.equal(even.body.tasks.length, 4)
  const odd = await submitted(sleeping({ labels: { 'odd:name': 'a:b' } }))
  await ask(`/v1/tasks/${odd}`)
  const byOdd = await ask(`/v1/tasks?label=${encodeURIComponent('odd\\:name:a:b')}&createdFrom=2026-11-01`)
  t.match(byOdd.body.tasks, [{ id: odd }])
  const from = new Date(Date.now() + 60_000).toISOString()
  t.strictSame((await ask(`/v1/tasks?createdFrom=${from}`)).body, { tasks: [] })
  t.equal((await ask(`/v1/tasks?createdBefore=${from}&label=run:list`)).body.tasks.length, 7)
  for (const query of [
    'limit=0',
    'limit=x',
    'label=x',
    'status=odd',
    'cursor=x',
    'limit=1&limit=2',
    'colour=red',
    'createdFrom=May',
    'createdFrom=2026-02-30',
    'createdBefore=2026-11-01T10:00',
  ])
    t.match(await ask(`/v1/tasks?${query}`), { status: 400, body: { code: 'INVALID_REQUEST' } }, query)
})

t.test('cancel, and what is over can not be', async (t) => {
  const id = await submitted(sleeping())
  t.match(await ask(`/v1/tasks/${id}/cancel`, { body: { reason: 'enough' } }), {
    status: 202,
    body: { accepted: true },
  })
  const events = await readEvents(`${url}/v1/tasks/${id}/events`)
  t.match(events.at(-2)?.data, { task: { status: 'cancelled', error: { message: /enough/ } } })
  t.match(await ask(`/v1/tasks/${id}/cancel`, { method: 'POST' }), {
    status: 409,
    body: { code: 'TASK_ALREADY_FINISHED' },
  })
})

t.test('events: a snapshot, every event once, the result, the end', async (t) => {
  const id = await submitted(plan({ delayMs: 400 }))
  const events = await readEvents(`${url}/v1/tasks/${id}/events`)
  t.strictSame(
    events.map(({ event }) => event),
    ['snapshot', ...events.slice(1, -2).map(() => 'event'), 'snapshot', 'end'],
  )
  t.match(events[0]?.data, { task: { status: 'scheduled' } })
  const revs = events.slice(0, -2).map(({ id: rev }) => Number(rev))
  t.strictSame(
    revs,
    revs.map((_, i) => revs[0]! + i),
    'one revision after the other',
  )
  t.match(events.at(-2)?.data, { task: { status: 'completed', output: { payload: 'x' } } })
  t.ok(events.length >= 5, String(events.length))

  const resumed = await readEvents(`${url}/v1/tasks/${id}/events`, { 'last-event-id': String(revs[1]) })
  t.strictSame(
    resumed.slice(0, -2).map(({ event, id: rev }) => [event, Number(rev)]),
    revs.slice(2).map((rev) => ['event', rev]),
    'what came after it, nothing again',
  )
  const late = await readEvents(`${url}/v1/tasks/${id}/events`)
  t.strictSame(
    late.map(({ event }) => event),
    ['snapshot', 'end'],
  )
  for (const last of ['nonsense', '99999'])
    t.equal(
      (await readEvents(`${url}/v1/tasks/${id}/events`, { 'last-event-id': last }))[0]?.event,
      'snapshot',
      last,
    )
  t.match(await ask('/v1/tasks/tnone/events'), { status: 404, body: { code: 'TASK_NOT_FOUND' } })
})

t.test('agents are listed; without video, alerts and monitors say so', async (t) => {
  const { body } = await ask('/v1/agents')
  t.ok(body.agents.some(({ type }: { type: string }) => type === 'noop-a'))
  t.match(await ask('/v1/alerts'), { status: 503, body: { code: 'UNAVAILABLE' } })
  t.match(await ask('/v1/alerts?limit=0'), { status: 400 })
  t.match(await ask('/v1/alerts/a1/acknowledge', { body: { note: 7 } }), {
    status: 400,
    body: { issues: [{ path: 'note' }] },
  })
  t.match(await ask('/v1/monitors/tnone/stop', { method: 'POST' }), { status: 404 })
})

t.test('what is no request is refused with what is wrong, and leaves nothing behind', async (t) => {
  const before = (await ask('/v1/tasks?limit=500')).body.tasks.length
  const cases: [path: string, options: Parameters<typeof ask>[1], status: number, code: string][] = [
    ['/v1/tasks', { body: '{"type":' }, 400, 'MALFORMED_JSON'],
    ['/v1/tasks', { body: `{"input":${'['.repeat(10_000)}${']'.repeat(10_000)}}` }, 400, 'JSON_TOO_DEEP'],
    ['/v1/tasks', { body: plan({ input: { x: 'x'.repeat(2_000_000) } }) }, 413, 'PAYLOAD_TOO_LARGE'],
    ['/v1/tasks', { body: '' }, 400, 'MALFORMED_JSON'],
    ['/v1/tasks', { body: Buffer.from([0x7b, 0xff, 0x7d]) }, 400, 'MALFORMED_JSON'],
    ['/v1/tasks', { body: '[]' }, 400, 'INVALID_SUBMISSION'],
    ['/v1/tasks', { body: '[]', headers: { 'idempotency-key': 'k' } }, 400, 'INVALID_REQUEST'],
    ['/v1/tasks', { body: { type: 'poem' } }, 400, 'UNKNOWN_TASK_TYPE'],
    ['/v1/tasks', { body: plan(), headers: { 'content-type': 'text/plain' } }, 415, 'UNSUPPORTED_FORMAT'],
    ['/v1/tasks?wait=61', { body: plan() }, 400, 'INVALID_REQUEST'],
    ['/v1/tasks?wait=x', { body: plan() }, 400, 'INVALID_REQUEST'],
    ['/v1/tasks/a.b', {}, 400, 'INVALID_REQUEST'],
    ['/v1/tasks/%2e%2e%2fx', {}, 400, 'INVALID_REQUEST'],
    ['/v1/tasks/*', {}, 400, 'INVALID_REQUEST'],
    ['/v1/tasks/%', {}, 400, 'INVALID_REQUEST'],
    ['/v1/tasks/x/cancel', { body: { reason: 1 } }, 400, 'INVALID_REQUEST'],
    ['/v1/poems', {}, 404, 'NOT_FOUND'],
    ['/v1/tasks', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED'],
    ['/v1/tasks', { headers: { origin: 'https://evil.example' } }, 403, 'FORBIDDEN'],
  ]
  for (const [path, options, status, code] of cases) {
    const answer = await ask(path, options)
    t.match(answer, { status, type: /problem\+json/, body: { code, status, fix: String } }, `${path} ${code}`)
  }
  t.equal((await ask('/v1/tasks?limit=500')).body.tasks.length, before)
  t.equal(await statusFor({ host: 'rebound.example' }), 403, 'a name of somebody else that leads here')
  t.equal(await statusFor({ host: `localhost:${port}` }), 200)
})

t.test('a client that says nothing, half of something, or leaves, harms nobody', async (t) => {
  const sockets = [
    '',
    'POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    'GARBAGE\r\n\r\n',
  ].map((text) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
    return socket
  })
  t.equal(sockets.length, 3)
  const id = await submitted(sleeping())
  const gone = new AbortController()
  const watching = await fetch(`${url}/v1/tasks/${id}/events`, { signal: gone.signal })
  t.equal(watching.status, 200)
  gone.abort()
  t.match(await ask(`/v1/tasks/${id}`), { status: 200 })
})

function statusFor(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest({ port, host: '127.0.0.1', path: '/v1/tasks', headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

t.test('two ways in, one system: a task of the wire is seen here', async (t) => {
  const { taskId } = (await bus.request('murmur.tasks.submit', sleeping(), { timeoutMs: 5000 })) as {
    taskId: string
  }
  t.match(await ask(`/v1/tasks/${taskId}`), { status: 200, body: { task: { id: taskId } } })
  const other = (await bus.request('murmur.tenants.acme.tasks.submit', sleeping(), { timeoutMs: 5000 })) as {
    taskId: string
  }
  t.match(await ask(`/v1/tasks/${other.taskId}`), { status: 404 }, "another tenant's is not")
  const answer = bus.request('murmur.tenants.acme.tasks.get', { taskId: other.taskId }, { timeoutMs: 5000 })
  t.match(await answer, { task: { tenant: 'acme' } })
  await t.rejects(bus.request('murmur.tenants.acme.tasks.cancel', { taskId }, { timeoutMs: 5000 }), {
    code: 'TASK_NOT_FOUND',
  })
})
