import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { Bus } from '../../../services/platform/nats/bus.ts'
import { openBus } from '../../support/bus.ts'
import { committedRules, type Prometheus, shortenedRules, startPrometheus } from '../../support/prometheus.ts'
import { startRedisExporter } from '../../support/redis-exporter.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
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

export async function startObservedStack(t: Test): Promise<ObservedStack> {
  const servers = await withServers(t)
  const jaeger = NO_COLLECTOR || NO_JAEGER ? undefined : await startJaeger(t)
  const [collector, sink, redisExporter] = await Promise.all([
    NO_COLLECTOR
      ? undefined
      : startCollector(t, { decisionWait: '2s', ...(jaeger && { traceStore: jaeger.address }) }),
    startSink(t),
    startRedisExporter(t, [`--redis.addr=${servers.redisUrl}`]),
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
  const [ingest, report, apiCaller, load] = await Promise.all([
    start('services/agents/report/ingest/main.ts'),
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
      agents: addresses(ingest, report, apiCaller, load),
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
