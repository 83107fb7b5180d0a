import t from 'tap'
import type { Plan } from '../../schemas/plan.ts'
import { withTrace } from '../../services/platform/telemetry/active-trace.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { parseTaskEventSubject, SUBJECTS } from '../../subjects/subjects.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus } from '../support/bus.ts'
import { type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { planAgents, type Seen } from '../support/plan-agents.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService, stopChild } from '../support/services.ts'

const servers = await withServers(t)
const collector = await startOtlpReceiver()
t.teardown(() => collector.close())
const env = {
  MURMUR_PARTITIONS: '4',
  MURMUR_LOG_LEVEL: 'silent',
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  // Of what no client has decided on: so nothing else comes here.
  MURMUR_TRACE_RATIO: '0',
  OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
}
const orchestrator = await startService(t, servers, 'services/orchestrator/main.ts', env)
const edge = await startService(t, servers, 'services/edge/main.ts', env)
const bus = await openBus(t, servers.natsUrl)
const seen: Seen = { undone: [], runs: new Map() }
const agents = await startAgents(t, servers.natsUrl, planAgents(seen), {
  instance: 'traced',
  otlpEndpoint: collector.url,
})

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CLIENT = 'b7ad6b7169203331'
const NATS_CLIENT = '00f067aa0ba902b7'
const SERVER = 2
const PRODUCER = 4
const CONSUMER = 5

const child = { steps: [{ id: 'inner', agent: 'double', input: { n: 4 } }] }
const plan: Plan = {
  steps: [
    { id: 'list', agent: 'numbers', input: { count: 3 } },
    {
      ...{ id: 'map', agent: 'double', needs: ['list'], input: { n: { $from: 'item.n' } } },
      forEach: { items: { $from: 'steps.list.output.list' } },
    },
    {
      ...{ id: 'again', agent: 'broken', input: { name: 'again', code: 'NOT_YET', good: 2 } },
      retry: { maxAttempts: 3, initialDelayMs: 10 },
    },
    { id: 'below', task: { type: 'plan', plan: child } },
  ],
}

t.test('a task is one trace, from the request of a client to the last result', async (t) => {
  const answer = await fetch(`http://127.0.0.1:${factsOf(edge).restPort}/v1/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${CLIENT}-01` },
    body: JSON.stringify({ type: 'plan', plan, input: {} }),
  })
  t.equal(answer.status, 202)
  const { taskId } = (await answer.json()) as { taskId: string }
  const task = await endOfTask(bus, taskId)
  t.equal(task.status, 'completed')
  const ended = new Promise<string>((resolve) => {
    bus.subscribe('tasks.events.plan.*.completed', ({ subject }) => resolve(subject))
  })
  await bus.flush()
  await bus.publisher.publish(SUBJECTS.submit('plan'), JSON.stringify({ plan: child, input: {} }), {
    msgId: 'over-nats',
    headers: { traceparent: `00-${TRACE}-${NATS_CLIENT}-01` },
  })
  const overNats = parseTaskEventSubject(await ended)!.taskId
  const refused = await fetch(`http://127.0.0.1:${factsOf(edge).restPort}/v1/tasks/none`, {
    headers: { traceparent: `00-${TRACE}-${CLIENT}-01` },
  })
  t.match(await refused.json(), { code: 'TASK_NOT_FOUND', traceId: TRACE }, 'a problem names its trace')
  const refusal = bus.request(SERVICES.submitTask, { type: 'plan', plan: 1 }, { timeoutMs: 5000 })
  await t.rejects(refusal, { code: 'INVALID_SUBMISSION', traceId: /^[0-9a-f]{32}$/ }, 'over NATS too')
  const unknown = withTrace(`00-${TRACE}-${CLIENT}-00`, () =>
    bus.request(SERVICES.getTask, { taskId: 'none' }, { timeoutMs: 5000 }),
  )
  await t.rejects(unknown, { code: 'TASK_NOT_FOUND', traceId: TRACE }, 'that of the request')
  // Each sends what it has when it stops.
  await Promise.all([agents.stop(), stopChild(orchestrator), stopChild(edge)])

  const spans = collector.spans
  t.ok(spans.length > 20, `${spans.length} spans`)
  for (const span of spans) t.equal(span.traceId, TRACE, `${span.name} is of the trace`)
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  t.equal(byId.size, spans.length, 'no id comes twice')
  const parentOf = (span: ReceivedSpan) => byId.get(span.parentSpanId ?? '')
  for (const span of spans)
    t.ok(
      [CLIENT, NATS_CLIENT].includes(span.parentSpanId!) || parentOf(span),
      `the parent of ${span.name} is there`,
    )
  for (const span of spans) t.ok(span.endMs >= span.startMs, `${span.name} ends after its start`)

  const named = (name: string) => spans.filter((span) => span.name === name)
  const own = (name: string) =>
    named(name).filter(({ attributes }) => attributes['murmur.task.id'] === taskId)
  const [request] = named('submitTask')
  t.match(request, { kind: SERVER, parentSpanId: CLIENT, service: 'edge' })
  const [whole] = own('invoke_workflow plan')
  const intake = parentOf(whole!)
  const handedOn = parentOf(intake!)
  t.match(intake, { name: 'process tasks.submit.plan', kind: CONSUMER })
  t.match(handedOn, {
    name: 'send tasks.submit',
    kind: PRODUCER,
    parentSpanId: request!.spanId,
    service: 'edge',
  })
  const stepSpan = (id: string) =>
    spans.find(
      ({ name, attributes }) =>
        name.startsWith('step ') &&
        attributes['murmur.step.id'] === id &&
        attributes['murmur.task.id'] === taskId,
    )!
  for (const id of ['list', 'map', 'again', 'below'])
    t.equal(parentOf(stepSpan(id)), whole, `${id} is below its task`)

  const sendsOf = (id: string) =>
    own('send steps.double')
      .concat(own('send steps.broken'))
      .filter((span) => parentOf(span) === stepSpan(id))
  t.equal(sendsOf('map').length, 3, 'each item is below its step')
  t.strictSame(
    sendsOf('again')
      .map(({ attributes }) => Number(attributes['murmur.attempt']))
      .sort(),
    [1, 2],
    'a retry is a second attempt of the same step',
  )
  const attempts = spans.filter(({ name }) => name.startsWith('process steps.'))
  t.equal(attempts.length, 1 + 3 + 2 + 1 + 1)
  for (const attempt of attempts) {
    const sent = parentOf(attempt)!
    t.equal(attempt.kind, CONSUMER)
    t.equal(sent.kind, PRODUCER)
    t.equal(sent.name, attempt.name.replace('process', 'send'))
    t.match(attempt.links, [{ spanId: sent.spanId }])
    t.match(attempt.attributes, { 'messaging.system': 'nats', 'messaging.operation.type': 'process' })
    const below = (span: ReceivedSpan) => spans.filter((one) => parentOf(one) === span)
    const results = below(attempt).filter(({ name }) => name === 'send log.{partition}.result')
    t.equal(results.length, 1, 'each attempt sends its result')
    t.match(
      below(results[0]!),
      [{ name: 'process log.{partition}.result', kind: CONSUMER, service: 'orchestrator' }],
      'an orchestrator folds it',
    )
  }
  const [failed] = attempts.filter(({ status }) => status.code === 2)
  t.equal(failed!.attributes['error.type'], 'NOT_YET', 'an error has the stable code')

  const inner = named('invoke_workflow plan').find(
    ({ attributes }) => ![taskId, overNats].includes(String(attributes['murmur.task.id'])),
  )!
  t.equal(parentOf(parentOf(inner)!), stepSpan('below'), 'a child task is below the step that started it')
  const sent = named('invoke_workflow plan').find(
    ({ attributes }) => attributes['murmur.task.id'] === overNats,
  )!
  t.match(parentOf(sent), { kind: CONSUMER, parentSpanId: NATS_CLIENT }, 'over NATS the header is the parent')
  t.ok(named('getTask').length > 0, 'reading is a request like any other')
})
