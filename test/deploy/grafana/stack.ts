import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'
import type { LocalServers } from '../../../deploy/local/servers/start-servers.ts'
import type { Bus } from '../../../services/platform/nats/bus.ts'
import { openBus } from '../../support/bus.ts'
import { freePort } from '../../support/free-ports.ts'
import { committedRules, type Prometheus, shortenedRules, startPrometheus } from '../../support/prometheus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'
import { type Collector, NO_COLLECTOR, startCollector } from '../otel-collector/collector.ts'
import { type Jaeger, NO_JAEGER, startJaeger } from '../otel-collector/jaeger.ts'

/** Everything that dashboards are about, running on this machine, with a real Prometheus that scrapes it. */
export interface ObservedStack {
  bus: Bus
  /** Of the edge. */
  restUrl: string
  prometheus: Prometheus
  /** Undefined where it is not built. */
  collector: Collector | undefined
  /** What the collector has kept. Undefined where it is not built. */
  jaeger: Jaeger | undefined
  hasRedisExporter: boolean
}

const REDIS_EXPORTERS = ['redis_exporter', 'prometheus-redis-exporter']

export async function startObservedStack(t: Test): Promise<ObservedStack> {
  const servers = await withServers(t)
  const jaeger = NO_COLLECTOR || NO_JAEGER ? undefined : await startJaeger(t)
  const [collector, sink, redisExporter] = await Promise.all([
    NO_COLLECTOR
      ? undefined
      : startCollector(t, { decisionWait: '2s', ...(jaeger && { traceStore: jaeger.address }) }),
    startSink(t),
    startRedisExporter(t, servers),
  ])
  const env = {
    MURMUR_PARTITIONS: '8',
    MURMUR_LOG_LEVEL: 'fatal',
    MURMUR_TRACE_RATIO: '1',
    ...(collector && { OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpUrl }),
  }
  const video = {
    ...env,
    MURMUR_MODEL: 'starter',
    // The receiver of alerts is on this machine.
    MURMUR_HTTP_ALLOW: '127.0.0.1',
    MURMUR_HTTP_PORTS: new URL(sink).port,
    MURMUR_ALERT_WEBHOOK_URL: sink,
    MURMUR_ALERT_WEBHOOK_SECRET: 'a secret of the test',
  }
  const start = (file: string, settings: Record<string, string> = env) =>
    startService(t, servers, file, settings)
  // Two at a time: each has half a minute to become ready.
  const [orchestrator, edge] = await Promise.all([
    start('services/orchestrator/main.ts'),
    start('services/edge/main.ts'),
  ])
  const [report, apiCaller, load] = await Promise.all([
    start('services/agents/report-agents.ts'),
    start('services/agents/api-caller/main.ts'),
    start('test/deploy/grafana/load-agents.ts'),
  ])
  const ofVideo = await Promise.all([
    start('services/agents/video-agents.ts', video),
    start('services/agents/video/detection/main.ts', video),
  ])
  const addresses = (...processes: ChildProcess[]) =>
    processes.map((process) => `127.0.0.1:${factsOf(process).httpPort}`)
  const rules = [...committedRules()].map(([name, file]) => [name, shortenedRules(file, 1)] as const)
  const prometheus = await startPrometheus(t, {
    // As deploy/prometheus/prometheus.yaml names the jobs.
    targets: {
      orchestrator: addresses(orchestrator),
      edge: addresses(edge),
      agents: addresses(report, apiCaller, load),
      video: addresses(...ofVideo),
      ...(collector && { 'otel-collector': [new URL(collector.metricsUrl).host] }),
      ...(redisExporter && { redis: [redisExporter] }),
    },
    // Windows as they are; looked at each second.
    rules: new Map(rules),
  })
  return {
    bus: await openBus(t, servers.natsUrl),
    restUrl: `http://127.0.0.1:${factsOf(edge).restPort}`,
    prometheus,
    collector,
    jaeger,
    hasRedisExporter: redisExporter !== undefined,
  }
}

/** Takes alerts from the second request on. @returns its address */
async function startSink(t: Test): Promise<string> {
  let requests = 0
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(++requests > 1 ? 204 : 503).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`
}

/** @returns where it is scraped; undefined where there is none */
async function startRedisExporter(t: Test, servers: LocalServers): Promise<string | undefined> {
  const program = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => REDIS_EXPORTERS.map((name) => join(folder, name)))
    .find((path) => existsSync(path))
  if (program === undefined) return undefined
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn(program, [`--redis.addr=${servers.redisUrl}`, `--web.listen-address=${address}`], {
    stdio: 'ignore',
  })
  t.teardown(() => child.kill())
  await until('the exporter of Redis answers', async () => {
    const answer = await fetch(`http://${address}/metrics`).catch(() => undefined)
    return answer?.ok === true
  })
  return address
}
