import { once } from 'node:events'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createDeadline } from '#platform/lifecycle/lifecycle.ts'
import { type Check, createHealthServer, isInsideName } from '#platform/telemetry/health-server.ts'
import { silentLog } from '#platform/telemetry/logger.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'

async function setUp(t: Test) {
  const checks: Record<string, Check> = { nats: { ok: true, detail: 'connected' } }
  const metrics = createMetrics()
  const server = createHealthServer({
    host: '127.0.0.1',
    port: 0,
    metrics,
    checks: () => checks,
    log: silentLog,
  })
  const deadline = createDeadline(systemClock, 5000)
  await server.start?.()
  t.teardown(async () => {
    await server.stop?.(deadline)
    deadline.clear()
  })
  return { checks, metrics, server, deadline, url: `http://127.0.0.1:${server.port}` }
}

t.test('/metrics, /healthz and /readyz', async (t) => {
  const { checks, metrics, url, server, deadline } = await setUp(t)
  metrics.counter('tasks_submitted_total').labels('report').inc()
  const exposed = await fetch(`${url}/metrics`)
  t.match(exposed.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  t.match(await exposed.text(), 'tasks_submitted_total{type="report"} 1')

  const health = await fetch(`${url}/healthz?verbose`)
  t.equal(health.status, 200)
  t.match(await health.json(), { ok: true, checks: { 'event-loop': { ok: true } } })

  t.equal((await fetch(`${url}/readyz`)).status, 200)
  checks.redis = { ok: false, detail: 'no answer for 3 s' }
  const notReady = await fetch(`${url}/readyz`)
  t.equal(notReady.status, 503)
  t.strictSame(await notReady.json(), {
    ok: false,
    checks: { nats: { ok: true, detail: 'connected' }, redis: { ok: false, detail: 'no answer for 3 s' } },
  })

  delete checks.redis
  await server.quiesce?.(deadline)
  t.equal((await fetch(`${url}/readyz`)).status, 503, 'a service that stops takes no more work')
  t.equal((await fetch(`${url}/healthz`)).status, 200, 'and yet is alive')
})

t.test('only GET and HEAD, only what there is', async (t) => {
  const { url } = await setUp(t)
  const post = await fetch(`${url}/metrics`, { method: 'POST', body: 'x' })
  t.equal(post.status, 405)
  t.equal(post.headers.get('allow'), 'GET, HEAD')
  const head = await fetch(`${url}/readyz`, { method: 'HEAD' })
  t.equal(head.status, 200)
  t.equal(await head.text(), '')
  t.equal((await fetch(`${url}/constructor`)).status, 404)
  t.equal((await fetch(`${url}/`)).status, 404)
})

t.test('a fault inside is answered, not thrown', async (t) => {
  const server = createHealthServer({
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics(),
    log: silentLog,
    checks: () => {
      throw new Error('hunter2')
    },
  })
  await server.start?.()
  const deadline = createDeadline(systemClock, 5000)
  const response = await fetch(`http://127.0.0.1:${server.port}/readyz`)
  t.equal(response.status, 500)
  t.notMatch(await response.text(), 'hunter2')
  await server.stop?.(deadline)
  await server.stop?.(deadline)
  deadline.clear()
  t.throws(() => server.port, 'there is no port any more')
})

t.test('huge headers are refused', async (t) => {
  const { server } = await setUp(t)
  const socket = connect(server.port, '127.0.0.1')
  socket.write(`GET /readyz HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)
  const [answer] = await once(socket, 'data')
  t.match(String(answer), /^HTTP\/1\.1 431 /)
  socket.destroy()
})

t.test('a port that is taken is a fault of the configuration', async (t) => {
  const { server } = await setUp(t)
  const second = createHealthServer({
    host: '127.0.0.1',
    port: server.port,
    metrics: createMetrics(),
    checks: () => ({}),
    log: silentLog,
  })
  await t.rejects(Promise.resolve(second.start?.()), { code: 'CONFIG_INVALID', message: /EADDRINUSE/ })
})

t.test('a page of others gets at nothing by a name of its own that leads here', async (t) => {
  const { server } = await setUp(t)
  const ask = async (host: string) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    let text = ''
    for await (const chunk of socket) text += chunk
    return Number(text.split(' ')[1])
  }
  t.equal(await ask('rebound.example.org'), 403)
  t.equal(await ask('127.0.0.1.nip.example'), 403)
  t.equal(await ask(`localhost:${server.port}`), 200)
  const inside = [
    '10.1.2.3:9090',
    '[fd00::1]:9090',
    'edge',
    'edge-1:9090',
    'edge.murmuration.svc:9090',
    'a.svc.cluster.local',
  ]
  for (const name of inside) t.ok(isInsideName(name), name)
  for (const name of ['example.org', 'example.org:9090', 'local.example.org', '1.2.3.4.example', ''])
    t.notOk(isInsideName(name), name)
})
