import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { backoffMs } from '../../../services/agents/api-caller/retry-loop.ts'
import { startServer } from '../../platform/http/local-server.ts'
import { openCaller } from './call-fixtures.ts'

t.test('what may pass is tried again, with the wait that the service asks for', async (t) => {
  const server = await startServer(t, (_request, response, count) => {
    if (count === 1) response.writeHead(503, { 'retry-after': '7' }).end()
    else if (count === 2) response.socket?.destroy()
    else response.end('{"ok":true}')
  })
  const clock = createManualClock()
  const { call } = openCaller(t, { clock })
  const calling = call({ url: server.origin })
  await clock.whenSleeping()
  await clock.advance(6999)
  t.equal(server.seen.length, 1)
  await clock.advance(1)
  await clock.whenSleeping()
  t.equal(server.seen.length, 2)
  await clock.advance(200)
  t.match(await calling, { kind: 'done', output: { attempts: 3, durationMs: 7200, json: { ok: true } } })
})

t.test('a wait beyond the time that is left is handed back', async (t) => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'
  const later = 'Sun, 06 Nov 1994 08:51:37 GMT'
  const server = await startServer(t, (_request, response, count) => {
    response.sendDate = false
    response
      .writeHead(429, count === 1 ? { 'retry-after': '60' } : { 'retry-after': later, date })
      .end('slow')
  })
  const { call } = openCaller(t)
  const error = { code: 'UPSTREAM_ERROR', message: /429/ }
  t.match(await call({ url: server.origin }), { kind: 'retry', afterMs: 60_000, error })
  t.match(await call({ url: server.origin }), { kind: 'retry', afterMs: 120_000, error })
  t.equal(server.seen.length, 2)
})

t.test('after the last attempt the step may be tried again by its policy', async (t) => {
  const server = await startServer(t, (_request, response) => response.writeHead(500).end())
  const { call } = openCaller(t)
  const outcome = await call({ url: server.origin, attempts: 2 })
  t.strictSame(outcome.kind, 'retry')
  t.notOk('afterMs' in outcome)
  t.equal(server.seen.length, 2)
})

t.test('each attempt has its own time limit', async (t) => {
  const server = await startServer(t, (_request, response, count) => {
    if (count > 1) response.end('{}')
  })
  const { call } = openCaller(t)
  const outcome = await call({ url: server.origin, attemptTimeoutMs: 60 })
  t.match(outcome, { kind: 'done', output: { attempts: 2 } })
  const silent = await startServer(t, () => {})
  const late = await call({ url: silent.origin, attempts: 1, attemptTimeoutMs: 40 })
  t.match(late, { kind: 'retry', error: { code: 'UPSTREAM_TIMEOUT' } })
})

t.test('POST is repeated with the same key, and never without one once it may have arrived', async (t) => {
  const server = await startServer(t, (request, response, count) => {
    if (request.url === '/busy' && count > 4) response.end('{}')
    else response.writeHead(request.url === '/busy' ? 429 : 502).end()
  })
  const { call } = openCaller(t)
  const post = { url: server.origin, method: 'POST', attempts: 2 } as const
  t.match(await call(post), { kind: 'retry' })
  t.strictSame(
    server.seen.map(({ headers }) => headers['idempotency-key']),
    ['test-task:test-step', 'test-task:test-step'],
  )
  const once = await call({ ...post, idempotencyKey: false })
  t.match(once, { kind: 'fail', error: { code: 'UPSTREAM_ERROR', message: /502; it is not repeated/ } })
  t.equal(server.seen.length, 3)
  const refused = await call({ ...post, url: `${server.origin}/busy`, idempotencyKey: false })
  t.match(refused, { kind: 'done', output: { attempts: 2 } }, 'a refusal can be repeated')
  const unreachable = await call({ ...post, url: 'http://127.0.0.1:1/', idempotencyKey: false })
  t.match(unreachable, { kind: 'retry' }, 'so can what was never sent')
})

t.test('a step that is stopped ends at once', async (t) => {
  const ending = new AbortController()
  const server = await startServer(t, (_request, response, count) => {
    if (count === 1) return void response.writeHead(503, { 'retry-after': '20' }).end()
    ending.abort()
  })
  const clock = createManualClock()
  const waiting = openCaller(t, { clock }).call({ url: server.origin }, { signal: ending.signal })
  await clock.whenSleeping()
  const { call } = openCaller(t)
  const posting = { url: server.origin, method: 'POST', idempotencyKey: false } as const
  t.match(await call(posting, { signal: ending.signal }), { kind: 'fail' }, 'it may have arrived')
  t.match(await waiting, { kind: 'retry' })
})

t.test('an answer that can not be kept is no reason to repeat what must not be', async (t) => {
  const server = await startServer(t, (_request, response) => response.end('data'))
  const { call } = openCaller(t)
  const blobs = {
    get: () => Promise.reject(new Error('away')),
    put: () => Promise.reject(new Error('away')),
    file: () => Promise.reject(new Error('away')),
    // biome-ignore lint/correctness/useYield: it fails before
    async *stream(): AsyncGenerator<Uint8Array> {
      throw new Error('away')
    },
  }
  const post = { url: server.origin, method: 'POST', accept: 'binary' } as const
  await t.rejects(call(post, { blobs }), { message: 'away' })
  const once = await call({ ...post, idempotencyKey: false }, { blobs })
  t.match(once, { kind: 'fail', error: { code: 'INTERNAL', message: /could not be kept/ } })
})

t.test(
  'an endpoint that keeps failing is given a rest, for that tenant, and tried by one call',
  async (t) => {
    let healthy = false
    const server = await startServer(t, (_request, response) => response.writeHead(healthy ? 200 : 500).end())
    const { call } = openCaller(t, { breaker: { failures: 3, openMs: 150, maxHosts: 10 } })
    const request = { url: server.origin, attempts: 1 }
    for (let i = 0; i < 3; i++) t.match(await call(request), { error: { code: 'UPSTREAM_ERROR' } })
    const open = await call(request)
    t.match(open, { kind: 'retry', error: { code: 'CIRCUIT_OPEN' } })
    if (open.kind === 'retry') t.ok(open.afterMs! > 0 && open.afterMs! <= 150)
    t.equal(server.seen.length, 3)
    t.match(await call(request, { tenant: 'other' }), { error: { code: 'UPSTREAM_ERROR' } })

    healthy = true
    await new Promise((resolve) => setTimeout(resolve, 160))
    const [trial, beside] = await Promise.all([call(request), call(request)])
    t.equal(trial.kind, 'done')
    t.match(beside, { kind: 'retry', afterMs: 1000, error: { code: 'CIRCUIT_OPEN' } })
    t.match(await call(request), { kind: 'done' })
  },
)

t.test('refusals and errors of the caller do not open a circuit', async (t) => {
  const server = await startServer(t, ({ url }, response) => response.writeHead(Number(url.slice(1))).end())
  const { call } = openCaller(t, { breaker: { failures: 2, openMs: 60_000, maxHosts: 10 } })
  for (const status of [429, 404, 429, 401]) await call({ url: `${server.origin}/${status}`, attempts: 1 })
  t.match(await call({ url: `${server.origin}/200` }), { kind: 'done' })
})

t.test('backoff doubles up to a limit and is spread over its upper half', async (t) => {
  const low = [1, 2, 3, 4, 5, 6, 10].map((attempt) => backoffMs(attempt, () => 0))
  t.strictSame(low, [100, 200, 400, 800, 1600, 2500, 2500])
  t.ok(backoffMs(1, () => 0.999) < 200)
})
