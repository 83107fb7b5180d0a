import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { SERVICES } from '../../../subjects/operations.ts'
import { startServer } from '../../platform/http/local-server.ts'
import { openBus } from '../../support/bus.ts'
import { startLogged } from '../../support/container-log.ts'
import { withServers } from '../../support/servers.ts'
import { endOfTask } from '../../support/services.ts'
import { ROOT } from '../../support/source-files.ts'
import { until } from '../../support/until.ts'
import { NO_COLLECTOR, startCollector } from './collector.ts'
import { recordsIn } from './log-records.ts'
import { spansIn } from './trace-tree.ts'

t.setTimeout(180_000)

const DOCKER_FRAME = { stream: 'stderr', time: '2026-05-01T10:00:00.123456789Z' }
const own = { time: '2026-05-01T10:00:00.123Z', service: 'edge', instance: 'e-1' }
const DOCKER_LINES = [
  `${JSON.stringify({ ...own, level: 'info', message: 'one' })}\n`,
  'a line of somebody else\n',
  `${JSON.stringify({ message: 'JSON of somebody else', level: 'info' })}\n`,
  `${JSON.stringify({ ...own, level: 'error', message: 'two', trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) })}\n`,
]

/** As the OpenTelemetry data model numbers them. */
const SEVERITIES: Record<string, number> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 }

await t.test(
  'files of the Docker engine: lines of ours, and of nobody else',
  { skip: NO_COLLECTOR },
  async (t) => {
    const folder = t.testdir({
      abc: {
        'abc-json.log': DOCKER_LINES.map((log) => `${JSON.stringify({ ...DOCKER_FRAME, log })}\n`).join(''),
      },
    })
    const { services } = parse(readFileSync(join(ROOT, 'deploy/compose/compose.yaml'), 'utf8'), {
      merge: true,
    })
    const { LOG_METADATA, LOG_DROP } = services['log-collector'].environment
    const logs = await startCollector(t, {
      config: 'logs.yaml',
      logFiles: join(folder, '*/*-json.log'),
      env: { LOG_METADATA, LOG_DROP },
    })
    await until('both lines of ours are there', () => recordsIn(logs.read('logs')).length >= 2)
    await logs.stop()
    t.match(recordsIn(logs.read('logs')), [
      { body: 'one', severity: 9, resource: { 'service.name': 'edge', 'service.instance.id': 'e-1' } },
      { body: 'two', severity: 17, traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
    ])
    t.equal(recordsIn(logs.read('logs')).length, 2)
  },
)

await t.test(
  'a store of logs that is away gets the lines when it is back',
  { skip: NO_COLLECTOR },
  async (t) => {
    const folder = t.testdir({
      abc: {
        'abc-json.log': DOCKER_LINES.map((log) => `${JSON.stringify({ ...DOCKER_FRAME, log })}\n`).join(''),
      },
    })
    const stored: Buffer[] = []
    let refused = 0
    const store = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      if (request.url !== '/otlp/v1/logs' || refused++ < 1) return void response.writeHead(503).end()
      stored.push(gunzipSync(Buffer.concat(chunks)))
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    })
    store.listen(0, '127.0.0.1')
    await once(store, 'listening')
    t.teardown(() => store.close().closeAllConnections())
    await startCollector(t, {
      config: 'logs.yaml',
      logFiles: join(folder, '*/*-json.log'),
      logStore: `http://127.0.0.1:${(store.address() as AddressInfo).port}/otlp`,
      env: { LOG_METADATA: 'false' },
    })
    await until('it has got them', () => stored.length > 0, 30_000)
    t.ok(refused > 1, 'it was refused before')
    const text = Buffer.concat(stored).toString('latin1')
    for (const word of ['one', 'two', 'service.name', 'edge']) t.ok(text.includes(word), word)
  },
)

await t.test('lines of real services, from the files of their containers', { skip: NO_COLLECTOR }, proveLogs)

async function proveLogs(t: Test): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-logs-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const traces = await startCollector(t, { decisionWait: '5s' })
  const logs = await startCollector(t, { config: 'logs.yaml', logFiles: join(folder, 'murmur_*/*/*.log') })
  const servers = await withServers(t)
  const env = {
    ...{ MURMUR_PARTITIONS: '2', MURMUR_LOG_LEVEL: 'trace', MURMUR_TRACE_RATIO: '1' },
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: traces.otlpUrl, MURMUR_HTTP_HOST: '127.0.0.1' },
    ...{ MURMUR_HTTP_ALLOW: '127.0.0.1', MURMUR_HTTP_PORTS: '*', MURMUR_VIDEO_NETWORKS: '127.0.0.0/8' },
    ...{ MURMUR_VIDEO_PORTS: '*', MURMUR_SEAL_KEYS: `k1:${randomBytes(32).toString('base64')}` },
  }
  const secrets = new Map<string, string>()
  // Long enough that no chance makes one, and of letters that nothing encodes.
  const secret = (name: string) => {
    const value = `s3cr3t${randomBytes(9).toString('hex')}`
    secrets.set(name, value)
    return value
  }
  const start = (main: string, pod: string) => startLogged(t, servers, { main, pod, folder, env })
  const orchestrator = await start('services/orchestrator/main.ts', 'orchestrator')
  const services = [
    orchestrator,
    await start('services/edge/main.ts', 'edge'),
    await start('services/agents/report/ingest/main.ts', 'ingest'),
    await start('services/agents/report-agents.ts', 'agents'),
    await start('services/agents/api-caller/main.ts', 'api-caller'),
    await start('services/agents/video-agents.ts', 'video'),
  ]
  const edgeUrl = `http://127.0.0.1:${services[1]!.facts.restPort}`
  const upstream = await startServer(t, (request, response) => {
    // Services exist that say what they were sent.
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ message: `who is ${request.headers.authorization}?` }))
  })
  const bus = await openBus(t, servers.natsUrl)
  const call = {
    url: `${upstream.origin}/v1?access_token=${secret('a token in a query')}`,
    headers: {
      authorization: `Bearer ${secret('a bearer token')}`,
      'x-api-key': secret('an API key in a header'),
      cookie: `session=${secret('a cookie')}`,
    },
  }
  const plans = [
    [{ id: 'call', agent: 'api-caller', input: call }],
    [
      {
        id: 'call',
        agent: 'api-caller',
        input: { url: `https://user:${secret('a password in a URL')}@192.0.2.1/` },
      },
    ],
  ]
  const input = {
    password: secret('a password in the input'),
    deep: { clientSecret: secret('a client secret in the input') },
    note: `Authorization: Basic ${Buffer.from(`me:${secret('basic credentials')}`).toString('base64')}`,
  }
  const submissions = [
    ...plans.map((steps) => ({ type: 'plan', plan: { steps }, input })),
    {
      type: 'monitor',
      input: {
        camera: 'gate',
        source: { kind: 'url', url: `rtsp://viewer:${secret('a password of a camera')}@127.0.0.1:9/live` },
        rules: [],
        durationMs: 1000,
      },
    },
  ]
  const ends = await Promise.all(
    submissions.map(async (submission) => {
      const answer = await fetch(`${edgeUrl}/v1/tasks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': secret('a key of a client') },
        body: JSON.stringify(submission),
      })
      const accepted = (await answer.json()) as { taskId: string }
      t.equal(answer.status, 202, JSON.stringify(accepted))
      return endOfTask(bus, accepted.taskId, 60_000)
    }),
  )
  t.strictSame(
    ends.map(({ status }) => status),
    ['failed', 'failed', 'failed'],
    JSON.stringify(ends.map(({ error }) => error)),
  )
  // Refused, with what was wrong in the answer.
  const refusal = { type: 'plan', plan: { steps: 1 }, input: { token: secret('a token that is refused') } }
  await t.rejects(bus.request(SERVICES.submitTask, refusal, { timeoutMs: 5000 }), {
    code: 'INVALID_SUBMISSION',
  })
  const metrics = await Promise.all(
    services.map(async ({ facts }) => (await fetch(`http://127.0.0.1:${facts.httpPort}/metrics`)).text()),
  )
  for (const service of services.toReversed()) await service.stop()
  const written = services.flatMap(({ lines }) => lines)
  const records = () => recordsIn(logs.read('logs'))
  await until('every line is a record', () => records().length >= written.length, 30_000).catch(
    () => undefined,
  )
  await until(
    'spans are written',
    () => ends.every(({ traceparent }) => traces.read('kept').includes(traceparent!.slice(3, 35))),
    30_000,
  )
  await Promise.all([logs.stop(), traces.stop()])

  await t.test('each line becomes one record: severity, time, ids, who it is of', async (t) => {
    t.equal(records().length, written.length)
    const byText = Map.groupBy(records(), ({ body, time }) => `${time} ${body}`)
    let traced = 0
    for (const line of written) {
      if (!line.startsWith('{')) continue
      const { level, time, message, service, trace_id = '', span_id = '' } = JSON.parse(line)
      const same = byText.get(`${Date.parse(time)} ${message}`) ?? []
      const record = same.find((one) => one.resource['service.name'] === service && one.traceId === trace_id)
      if (record === undefined) {
        t.fail(`no record of ${line}`)
        continue
      }
      if (trace_id !== '') traced++
      t.match(
        record,
        { severity: SEVERITIES[level], spanId: span_id, resource: { 'k8s.namespace.name': 'murmur' } },
        message,
      )
      t.notOk('trace_id' in record.attributes || 'time' in record.attributes, 'nothing is said twice')
    }
    t.ok(traced >= 2 * ends.length, `${traced} records have the ids of a trace`)
    const pods = new Set(records().map(({ resource }) => resource['k8s.pod.name']))
    const services = ['agents', 'api-caller', 'edge', 'ingest', 'orchestrator', 'video']
    t.strictSame(
      [...pods].sort(),
      services.map((service) => `${service}-0`),
    )
  })

  await t.test('from a failed task to its lines and to its spans by one id', async (t) => {
    for (const { id, traceparent } of ends) {
      const traceId = traceparent!.slice(3, 35)
      const lines = records().filter((record) => record.traceId === traceId)
      t.ok(lines.some(({ body, attributes }) => body === 'a task failed' && attributes.task === id))
      t.ok(spansIn(traces.read('kept')).some((span) => span.traceId === traceId))
    }
  })

  await t.test('no secret is anywhere: lines, records, spans, metrics', async (t) => {
    const places = {
      'standard error': written.join('\n'),
      'records of the log': logs.read('logs'),
      spans: traces.read('all'),
      'spans that are kept': traces.read('kept'),
      'metrics of the services': metrics.join('\n'),
      'what the collectors say': traces.log() + logs.log(),
    }
    for (const [place, text] of Object.entries(places)) {
      t.ok(text.length > 100, `${place}: ${text.length} characters were looked through`)
      for (const [name, value] of secrets) {
        const at = text.indexOf(value)
        t.equal(at, -1, `${name} in ${place}: ${text.slice(Math.max(0, at - 300), at + 60)}`)
      }
    }
    // What is looked for can be found: where it has to be, it is.
    t.ok(upstream.seen.some(({ headers }) => headers.authorization?.includes(secrets.get('a bearer token')!)))
  })
}
