import { ChannelCredentials, Metadata } from '@grpc/grpc-js'
import t, { type Test } from 'tap'
import { TaskServiceClient } from '../../../services/edge/grpc/generated/v1/task_service.ts'
import { createTracing } from '../../../services/platform/telemetry/tracing.ts'
import { SERVICES } from '../../../subjects/operations.ts'
import { parseTaskEventSubject, SUBJECTS } from '../../../subjects/subjects.ts'
import { startAgents } from '../../support/agent-process.ts'
import { openBus } from '../../support/bus.ts'
import { planAgents } from '../../support/plan-agents.ts'
import { withServers } from '../../support/servers.ts'
import { endOfTask, factsOf, startService, stopChild } from '../../support/services.ts'
import { until } from '../../support/until.ts'
import { NO_COLLECTOR, startCollector, validateConfig } from './collector.ts'
import { NATS_PLAN, NATS_TREE, REST_PLAN, REST_TREE, UNDONE_PLAN, UNDONE_TREE } from './expected-trees.ts'
import { type Jaeger, NO_JAEGER, startJaeger } from './jaeger.ts'
import { byTrace, orphansIn, samplesOf, spansIn, sumOf, treeOf } from './trace-tree.ts'

t.setTimeout(300_000)

/** Tasks that go well: 5 % of them are kept, by chance, so a few more or fewer. */
const GOOD = 1000
const BAD = 20
const SHARE = 0.05
const CLIENT = 'b7ad6b7169203331'
const traceOf = (digit: string) => digit.repeat(32)
const SLOW_MS = 10_200
const CALLS = 'traces_span_metrics_calls_total'
const DURATION = 'traces_span_metrics_duration_milliseconds'

await t.test('the collector takes the configurations as they stand', { skip: NO_COLLECTOR }, async (t) => {
  for (const file of ['config.yaml', 'logs.yaml']) await t.resolves(validateConfig(file), file)
})

await t.test('a real stack and a real collector', { skip: NO_COLLECTOR }, proveTraces)

async function proveTraces(t: Test): Promise<void> {
  const jaeger = NO_JAEGER ? undefined : await startJaeger(t)
  const collector = await startCollector(t, jaeger && { traceStore: jaeger.address })
  const servers = await withServers(t)
  const env = {
    ...{ MURMUR_PARTITIONS: '4', MURMUR_LOG_LEVEL: 'silent', MURMUR_TRACE_RATIO: '1' },
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpUrl,
  }
  const orchestrator = await startService(t, servers, 'services/orchestrator/main.ts', env)
  const edge = await startService(t, servers, 'services/edge/main.ts', env)
  const bus = await openBus(t, servers.natsUrl)
  const held: (() => void)[] = []
  const agents = await startAgents(
    t,
    servers.natsUrl,
    planAgents({ undone: [], runs: new Map() }, () => new Promise<void>((resolve) => held.push(resolve))),
    { instance: 'agents-1', service: 'agents', otlpEndpoint: collector.otlpUrl },
  )
  const { restPort, grpcPort } = factsOf(edge)
  const traceparent = (digit: string) => `00-${traceOf(digit)}-${CLIENT}-01`

  const submitRest = async (digit: string, plan: object) => {
    const answer = await fetch(`http://127.0.0.1:${restPort}/v1/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: traceparent(digit) },
      body: JSON.stringify({ type: 'plan', plan, input: {} }),
    })
    return ((await answer.json()) as { taskId: string }).taskId
  }
  const submitGrpc = (digit: string, plan: object) =>
    new Promise<string>((resolve, reject) => {
      const client = new TaskServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
      const metadata = new Metadata()
      metadata.set('traceparent', traceparent(digit))
      client.submitTask({ submission: { type: 'plan', plan, input: {} } }, metadata, (error, answer) => {
        client.close()
        if (error) reject(error)
        else resolve(answer.taskId ?? '')
      })
    })
  const submitNats = async (digit: string, plan: object) => {
    const taken = new Promise<string>((resolve) => {
      bus.subscribe('tasks.events.plan.*.accepted', ({ subject }) => resolve(subject))
    })
    await bus.flush()
    await bus.publisher.publish(SUBJECTS.submit('plan'), JSON.stringify({ plan, input: {} }), {
      msgId: `over-nats-${digit}`,
      headers: { traceparent: traceparent(digit) },
    })
    return parseTaskEventSubject(await taken)!.taskId
  }

  // Slow first: it runs beside all others. A late error is told after its trace was decided on.
  const slow = await submitRest('5', { steps: [{ id: 'wait', agent: 'wait', input: { n: 1 } }] })
  await until('the slow step runs', () => held.length === 1)
  setTimeout(() => held[0]!(), SLOW_MS)
  const lateError = await tellLateError(collector.otlpUrl)

  const rest = await submitRest('a', REST_PLAN)
  t.equal((await endOfTask(bus, rest)).status, 'completed')
  const grpc = await submitGrpc('b', UNDONE_PLAN)
  t.match(await endOfTask(bus, grpc), { status: 'failed', error: { code: 'BROKEN' } })
  const nats = await submitNats('c', NATS_PLAN)
  t.equal((await endOfTask(bus, nats)).status, 'completed')

  const submitMany = (count: number, plan: object) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const body = { type: 'plan', plan, input: {} }
        const { taskId } = (await bus.request(SERVICES.submitTask, body, { timeoutMs: 20_000 })) as {
          taskId: string
        }
        return endOfTask(bus, taskId, 60_000)
      }),
    )
  // Those of the spans since the last flush: to be seen while there are some.
  const exemplarsSeen = exemplars(t, collector.metricsUrl)
  const failed = await submitMany(BAD, { steps: [{ id: 'a', agent: 'double', input: { n: -1 } }] })
  const good: Awaited<ReturnType<typeof submitMany>> = []
  for (let batch = 0; batch < GOOD / 100; batch++)
    good.push(...(await submitMany(100, { steps: [{ id: 'a', agent: 'double', input: { n: 1 } }] })))
  t.equal((await endOfTask(bus, slow, 60_000)).status, 'completed')
  await exemplarsSeen
  const sent = await Promise.all(
    [orchestrator, edge].map((service) => spansSent(`http://127.0.0.1:${factsOf(service).httpPort}`)),
  )
  t.ok(
    sent.every((count) => count > 0),
    'services count the spans that the collector has taken',
  )
  // Each sends what it has when it stops.
  await Promise.all([agents.stop(), stopChild(orchestrator), stopChild(edge)])

  const all = () => spansIn(collector.read('all'))
  await until('all has come', async () => all().length === (await accepted(collector.ownMetricsUrl)), 10_000)
  const spans = all()
  await t.test('nothing is refused or lost on the way in, and no span is an orphan', async (t) => {
    const own = await textAt(collector.ownMetricsUrl)
    t.equal(sumOf(own, 'otelcol_receiver_refused_spans'), 0)
    t.equal(sumOf(own, 'otelcol_receiver_accepted_spans'), spans.length)
    t.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length, 'no id comes twice')
    t.strictSame(
      orphansIn(spans, [CLIENT]).map(({ name, attributes }) => ({ name, attributes })),
      [],
    )
  })

  await t.test('span metrics count what was sent, before anything is left out', async (t) => {
    await until(
      'the metrics have all',
      async () => sumOf(await textAt(collector.metricsUrl), CALLS) === spans.length,
      20_000,
    )
    const text = await textAt(collector.metricsUrl)
    const counted = Map.groupBy(
      spans,
      ({ service, name, status }) => `${service}|${name}|${status.code === 2}`,
    )
    for (const [key, of] of counted) {
      const [service, name, isError] = key.split('|')
      const isOf = (labels: Record<string, string>) =>
        labels.service_name === service &&
        labels.span_name === name &&
        (labels.status_code === 'STATUS_CODE_ERROR') === (isError === 'true')
      t.equal(sumOf(text, CALLS, isOf), of.length, key)
      t.equal(sumOf(text, `${DURATION}_count`, isOf), of.length, `${key}: durations`)
    }
    t.ok(sumOf(text, CALLS, ({ error_type }) => error_type === 'NEGATIVE') >= BAD, 'by the code of the error')
    t.notMatch(text, /agents-1|collector_instance_id/, 'no series names an instance')
  })

  await t.test('the service graph: the edge, the orchestrator, agents, and back', async (t) => {
    const edges = async () =>
      new Map(
        Array.from(
          Map.groupBy(
            samplesOf(await textAt(collector.metricsUrl), 'traces_service_graph_request_total'),
            ({ labels }) => `${labels.client} → ${labels.server}`,
          ),
          ([edge, samples]) => [edge, samples.reduce((sum, { value }) => sum + value, 0)] as const,
        ),
      )
    const hops = (parent: string) => spans.filter(({ name }) => name.startsWith(parent)).length
    await until('both halves of each have met', async () => (await edges()).size === 3, 20_000)
    const found = await edges()
    t.equal(found.get('edge → orchestrator'), hops('send tasks.submit'))
    t.equal(found.get('orchestrator → agents'), hops('process steps.'))
    t.equal(found.get('agents → orchestrator'), hops('process log.'))
  })

  // As long as a trace is waited for; then its batch is written.
  const sampler = 'otelcol_processor_tail_sampling'
  await until(
    'all traces are decided on',
    async () => {
      const own = await textAt(collector.ownMetricsUrl)
      const decided = sumOf(own, `${sampler}_global_count_traces_sampled`)
      return decided === sumOf(own, `${sampler}_new_trace_id_received`)
    },
    60_000,
  )
  const whole = (ids: readonly string[]) => {
    const kept = byTrace(spansIn(collector.read('kept')))
    return ids.every((id) => (kept.get(id)?.length ?? 0) === (byTrace(spans).get(id)?.length ?? -1))
  }
  const always = [...['a', 'b', 'c', '5'].map(traceOf), ...failed.map(traceIdOf)]
  await until('what is always kept is written in full', () => whole(always), 60_000)

  await t.test('the tree of a task over REST: fan-out, a retry, a child task', (t) =>
    proveTree(t, collector.read('kept'), traceOf('a'), REST_TREE),
  )
  await t.test('the tree of a task over gRPC: it fails, and what it did is undone', (t) =>
    proveTree(t, collector.read('kept'), traceOf('b'), UNDONE_TREE),
  )
  await t.test('the tree of a task over NATS', (t) =>
    proveTree(t, collector.read('kept'), traceOf('c'), NATS_TREE),
  )

  await t.test('Jaeger has what is kept, also when it was started anew', { skip: NO_JAEGER }, (t) =>
    proveStored(t, jaeger!, collector.read('kept')),
  )

  await lateError.tell()
  await t.test('errors and slow tasks are kept, all of them; of the rest about one of twenty', async (t) => {
    const kept = byTrace(spansIn(collector.read('kept')))
    t.equal(failed.filter((task) => kept.has(traceIdOf(task))).length, BAD)
    t.ok(kept.has(traceOf('5')), 'the slow one')
    const share = good.filter((task) => kept.has(traceIdOf(task))).length
    // Five standard deviations of the binomial distribution: one run of a million is beyond.
    const room = 5 * Math.sqrt(GOOD * SHARE * (1 - SHARE))
    t.ok(Math.abs(share - GOOD * SHARE) < room, `${share} of ${GOOD} good ones are kept`)
    t.strictSame(
      orphansIn(spansIn(collector.read('kept')), [CLIENT]).filter(({ traceId }) => always.includes(traceId)),
      [],
    )
    await until(
      'an error is kept that comes after its trace was left out',
      () => spansIn(collector.read('kept')).some(({ name }) => name === 'late error'),
      60_000,
    )
  })
}

async function proveTree(t: Test, kept: string, traceId: string, expected: string): Promise<void> {
  const spans = byTrace(spansIn(kept)).get(traceId)!
  t.equal(treeOf(spans, CLIENT).join('\n'), expected.trim())
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId ?? '')
    if (parent) t.ok(span.startMs >= parent.startMs - 1, `${span.name} starts after ${parent.name}`)
    const isConsumer = span.kind === 5
    t.equal(span.links.length, isConsumer ? 1 : 0, `links of ${span.name}`)
    if (isConsumer) t.match(span.links[0], { traceId, spanId: span.parentSpanId })
  }
}

async function proveStored(t: Test, jaeger: Jaeger, kept: string): Promise<void> {
  for (const digit of ['a', 'b', 'c']) {
    const expected = byTrace(spansIn(kept)).get(traceOf(digit))!
    let stored = await jaeger.trace(traceOf(digit))
    await until('it is stored', async () => {
      stored = await jaeger.trace(traceOf(digit))
      return stored.length >= expected.length
    })
    const parents = (spans: { id: string; parent: string | undefined }[]) =>
      spans.map(({ id, parent }) => `${id} below ${parent}`).sort()
    t.strictSame(
      parents(
        stored.map(({ spanID, references }) => ({
          id: spanID,
          // A consumer follows from its message: Jaeger says the parent once, as what the link says of it.
          parent: references[0]?.spanID,
        })),
      ),
      parents(expected.map(({ spanId, parentSpanId }) => ({ id: spanId, parent: parentSpanId }))),
    )
  }
  await jaeger.restart()
  t.ok((await jaeger.trace(traceOf('a'))).length > 20, 'it is on the disk')
}

function traceIdOf({ traceparent }: { traceparent?: string | undefined }): string {
  return traceparent!.slice(3, 35)
}

async function textAt(url: string): Promise<string> {
  return (await fetch(url, { headers: { accept: 'application/openmetrics-text; version=1.0.0' } })).text()
}

async function accepted(url: string): Promise<number> {
  return sumOf(await textAt(url), 'otelcol_receiver_accepted_spans')
}

async function spansSent(url: string): Promise<number> {
  return sumOf(await textAt(`${url}/metrics`), 'murmur_spans_total', ({ outcome }) => outcome === 'sent')
}

/** A trace of which one span comes now, and another, with an error, when it is told. */
async function tellLateError(otlpEndpoint: string) {
  const open = () => createTracing({ service: 'late', instance: 'late-1', traceRatio: 1, otlpEndpoint })
  const first = await open()
  const span = first.span('early')
  span.end()
  await first.shutdown()
  return {
    async tell() {
      const second = await open()
      second.span('late error', { parent: span.traceparent }).end(new Error('late'))
      await second.shutdown()
    },
  }
}

/** Each bucket names a trace, so that a point of a chart leads to one. */
async function exemplars(t: Test, url: string): Promise<void> {
  let text = ''
  await until(
    'buckets have exemplars',
    async () => {
      text = await textAt(url)
      return text.includes(' # {')
    },
    40_000,
  )
  t.match(text, /duration_milliseconds_bucket\{.*\} \d+ # \{.*trace_id="[0-9a-f]{32}"/)
}
