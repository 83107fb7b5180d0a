import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { ATTRIBUTES, SPANS } from '#platform/telemetry/spans.ts'
import { isSampled, parseTraceparent } from '#platform/telemetry/traceparent.ts'
import { createTracing } from '#platform/telemetry/tracing.ts'
import { startOtlpReceiver } from '../../support/otlp-receiver.ts'
import { HOSTILE, SAMPLED, SPAN, TRACE, UNSAMPLED } from './traceparent-cases.ts'

const config = { service: 'orchestrator', instance: 'o-1', traceRatio: 1 }

t.test('traceparent: what is no good starts a new trace', async (t) => {
  const tracing = await createTracing(config)
  for (const parent of HOSTILE)
    t.not(parseTraceparent(tracing.span('x', { parent }).traceparent)?.traceId, TRACE)
})

t.test('without a collector the identity is passed on and nothing else happens', async (t) => {
  const tracing = await createTracing(config)
  const span = tracing.span('x', { parent: SAMPLED })
  t.equal(span.traceparent, SAMPLED)
  span.setAttribute('a', 1)
  span.end(new Error('y'))
  const child = tracing.startTraceparent(SAMPLED)
  t.match(parseTraceparent(child), { traceId: TRACE, sampled: true })
  t.not(child, SAMPLED)
  t.ok(isSampled(tracing.startTraceparent()), 'others may record it')
  await tracing.shutdown()
})

t.test('a span is linked to spans of other traces, a consumer to its message first', async (t) => {
  const receiver = await startOtlpReceiver()
  t.teardown(() => receiver.close())
  const tracing = await createTracing({ ...config, otlpEndpoint: receiver.url })
  const [own, other] = [tracing.startTraceparent(), tracing.startTraceparent()]
  const about = { startMs: 1000, endMs: 2000 }
  tracing.record('alone', { ...about, traceparent: own, links: [other, 'no traceparent'] })
  tracing.span('below', { parent: own, kind: 'consumer', links: [other] }).end()
  await tracing.shutdown()
  const linksOf = (name: string) =>
    receiver.spans.find((span) => span.name === name)!.links.map(({ spanId }) => spanId)
  const idOf = (traceparent: string) => parseTraceparent(traceparent)!.spanId
  t.strictSame(linksOf('alone'), [idOf(other)])
  t.strictSame(linksOf('below'), [idOf(own), idOf(other)])
})

t.test('sampled spans reach the collector as children, with kind, attributes, link and error', async (t) => {
  const receiver = await startOtlpReceiver()
  t.teardown(() => receiver.close())
  const tracing = await createTracing({ ...config, otlpEndpoint: `${receiver.url}/` })

  const task = tracing.startTraceparent()
  const send = tracing.span(SPANS.dispatch('ingest'), {
    kind: 'producer',
    parent: task,
    attributes: { [ATTRIBUTES.system]: 'nats', [ATTRIBUTES.attempt]: 2, absent: undefined },
  })
  const step = tracing.span(SPANS.step('ingest'), {
    kind: 'consumer',
    parent: send.traceparent,
    startMs: 1000,
  })
  step.setAttribute(ATTRIBUTES.outcome, 'fail')
  step.end(new MurmurError('BROKEN_FILE', 'see http://user:hunter2@host/'))
  send.end()
  const links = [SAMPLED, 'none']
  tracing.record(SPANS.task('report'), { traceparent: task, links, startMs: 1000, endMs: 3000 })
  tracing.span('never', { parent: UNSAMPLED }).end()
  tracing.record('never', { traceparent: UNSAMPLED, startMs: 1, endMs: 2 })
  await tracing.shutdown()

  const byName = Object.fromEntries(receiver.spans.map((span) => [span.name, span]))
  t.strictSame(Object.keys(byName).toSorted(), [
    'invoke_workflow report',
    'process steps.ingest',
    'send steps.ingest',
  ])
  const [root, sent, processed] = [
    byName['invoke_workflow report']!,
    byName['send steps.ingest']!,
    byName['process steps.ingest']!,
  ]
  t.match(
    parseTraceparent(task),
    { traceId: root.traceId, spanId: root.spanId },
    'the identity handed on before',
  )
  t.match(root, { kind: 1, startMs: 1000, endMs: 3000, service: 'orchestrator' })
  t.notOk(root.parentSpanId)
  t.match(root.links, [{ traceId: TRACE, spanId: SPAN }])
  t.equal(root.links.length, 1)
  t.match(sent, { kind: 4, traceId: root.traceId, parentSpanId: root.spanId, links: [] })
  t.strictSame(sent.attributes, { 'messaging.system': 'nats', 'murmur.attempt': 2 })
  t.match(processed, {
    kind: 5,
    startMs: 1000,
    parentSpanId: sent.spanId,
    links: [{ traceId: sent.traceId, spanId: sent.spanId }],
    attributes: { 'murmur.outcome': 'fail', 'error.type': 'BROKEN_FILE' },
    status: { code: 2, message: 'see http://[redacted]@host/' },
  })
})

t.test('a root span is sampled by ratio, a recorded child keeps its parent', async (t) => {
  const receiver = await startOtlpReceiver()
  t.teardown(() => receiver.close())
  const never = await createTracing({ ...config, traceRatio: 0, otlpEndpoint: receiver.url })
  const unsampled = never.span('never')
  t.notOk(isSampled(unsampled.traceparent))
  unsampled.end()
  const child = never.startTraceparent(SAMPLED)
  t.ok(isSampled(child), 'the decision of the parent holds')
  never.record('child', { traceparent: child, parent: SAMPLED, startMs: 1, endMs: 2 })
  await never.shutdown()

  const always = await createTracing({ ...config, otlpEndpoint: receiver.url })
  const span = always.span('root')
  span.end()
  await always.shutdown()
  t.strictSame(
    receiver.spans.map(({ name, traceId, parentSpanId }) => ({
      name,
      traceId,
      parentSpanId: parentSpanId || undefined,
    })),
    [
      { name: 'child', traceId: TRACE, parentSpanId: SPAN },
      { name: 'root', traceId: parseTraceparent(span.traceparent)?.traceId, parentSpanId: undefined },
    ],
  )
})

t.test('a collector that never answers holds up the exit for a second at most', async (t) => {
  const sockets = new Set<Socket>()
  const blackHole = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1')
  await once(blackHole, 'listening')
  t.teardown(() => {
    blackHole.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = blackHole.address() as AddressInfo
  const tracing = await createTracing({ ...config, otlpEndpoint: `http://127.0.0.1:${port}` })
  tracing.span('x').end()
  const startedMs = performance.now()
  await tracing.shutdown()
  t.ok(performance.now() - startedMs < 1500)
})

t.test('spans that are not sampled cost next to nothing', async (t) => {
  const tracing = await createTracing({ ...config, otlpEndpoint: 'http://127.0.0.1:1' })
  const times = 200_000
  for (let i = 0; i < times; i++) tracing.span('x', { kind: 'consumer', parent: UNSAMPLED }).end()
  const startedMs = performance.now()
  for (let i = 0; i < times; i++) tracing.span('x', { kind: 'consumer', parent: UNSAMPLED }).end()
  const each = ((performance.now() - startedMs) * 1e6) / times
  t.comment(`${each.toFixed(0)} ns`)
  t.ok(each < 5000)
  await tracing.shutdown()
})
