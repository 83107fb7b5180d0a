import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Bus } from '../../../services/platform/nats/bus.ts'
import { runInProcess } from '../../cli/run-in-process.ts'
import { openBus } from '../../support/bus.ts'
import { startNatsExporter } from '../../support/nats-exporter.ts'
import { committedRules, type Prometheus, shortenedRules, startPrometheus } from '../../support/prometheus.ts'
import { startRedisExporter } from '../../support/redis-exporter.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, serverEnv, startService } from '../../support/services.ts'
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
  /** Copies all streams, and says when in what Prometheus scrapes. */
  backup(): Promise<void>
}

export async function startObservedStack(t: Test): Promise<ObservedStack> {
  const servers = await withServers(t)
  const jaeger = NO_COLLECTOR || NO_JAEGER ? undefined : await startJaeger(t)
  const folder = mkdtempSync(join(tmpdir(), 'murmur-observed-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const backupFile = join(folder, 'murmur_backup.prom')
  const [collector, sink, redisExporter, natsExporter, backups] = await Promise.all([
    NO_COLLECTOR
      ? undefined
      : startCollector(t, { decisionWait: '2s', ...(jaeger && { traceStore: jaeger.address }) }),
    startSink(t),
    startRedisExporter(t, [`--redis.addr=${servers.redisUrl}`]),
    startNatsExporter(t, servers.monitorUrl!),
    serveFile(t, backupFile),
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
  // Two at a time: each has a minute to become ready.
  const [orchestrator, edge] = await Promise.all([
    start('services/orchestrator/main.ts', {
      ...env,
      MURMUR_ARCHIVE: join(folder, 'archive'),
      MURMUR_ARCHIVE_SEGMENT_MS: '5000',
    }),
    start('services/edge/main.ts'),
  ])
  // Nobody asks it anything: it has a certificate.
  const guarded = await start('services/edge/main.ts', { ...env, ...makeCertificate(folder) })
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
      edge: addresses(edge, guarded),
      agents: addresses(ingest, report, apiCaller, load),
      video: addresses(...ofVideo),
      ...(collector && { 'otel-collector': [new URL(collector.metricsUrl).host] }),
      ...(redisExporter && { redis: [redisExporter] }),
      nats: [natsExporter],
      node: [backups],
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
    async backup() {
      const where = {
        folder,
        env: { PATH: process.env.PATH, ...serverEnv(servers, 'operator'), HOME: folder, NO_COLOR: '1' },
      }
      const { code, err } = await runInProcess(['backup', 'copy', '--metrics', backupFile], where)
      if (code !== 0) throw new Error(err)
    },
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

/** As the textfile collector of a machine's exporter does: nothing, until there is a file. @returns its address */
async function serveFile(t: Test, file: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(existsSync(file) ? readFileSync(file) : '')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** @returns the settings of an edge that has it */
function makeCertificate(folder: string): Record<string, string> {
  const [cert, key] = [join(folder, 'edge.crt'), join(folder, 'edge.key')]
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key]
  execFileSync('openssl', ['req', '-x509', ...made, '-subj', '/CN=localhost', '-days', '30', '-out', cert], {
    stdio: 'ignore',
  })
  return { MURMUR_EDGE_TLS_CERT: cert, MURMUR_EDGE_TLS_KEY: key }
}
