import { loadNatsSecurity, loadRedisTls } from '../config/connections.ts'
import { SOFTWARE_VERSION } from '../config/software-version.ts'
import type { Bus } from '../nats/bus.ts'
import { connectService, type ServiceConnector } from '../nats/connect-service.ts'
import { AskedChanges } from '../telemetry/asked-changes.ts'
import { AuditSink } from '../telemetry/audit-sink.ts'
import { showCertificates } from '../telemetry/certificate-expiry.ts'
import { type Check, createHealthServer, natsCheck } from '../telemetry/health-server.ts'
import type { MetricPart } from '../telemetry/metric-names.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { createTracing, type Tracing } from '../telemetry/tracing.ts'
import { type Announcement, type MainContext, runMain } from './run-main.ts'

/** What a service is built from. */
export interface ServiceContext extends MainContext {
  readonly metrics: Metrics
  readonly tracing: Tracing
  /**
   * The connection of the service to NATS, which `/readyz` calls `nats`, or one more for a purpose of its own, which `/readyz` calls
   * by that purpose. It waits for a server that is not there yet, and is closed at the end.
   * @throws MurmurError UNAVAILABLE after five minutes, SERVER_TOO_OLD
   */
  connect(purpose?: string): Promise<Bus>
  /** Writes down what somebody will ask about: what was refused, and who changed what. */
  readonly audit: Pick<AuditSink, 'write'>
  /** What `/readyz` requires beside the connections to NATS. */
  addChecks(checks: () => Record<string, Check>): void
  /** What it tells those who discover services, beside what all tell. */
  addFacts(facts: () => Record<string, string>): void
}

/**
 * The main of a service: a process (see `runMain`) with metrics, tracing and a health server. The health server listens
 * before `build` is called, since servers may be waited for there; `/readyz` gives 503 until all components have started.
 * @param options.metrics whose metrics it shows from the start
 * @param options.connect how the service finds NATS, where it is not by MURMUR_NATS_URL alone
 */
export async function runService(
  service: string,
  build: (context: ServiceContext) => Promise<Announcement | undefined>,
  options: { connect?: ServiceConnector; metrics?: readonly MetricPart[] } = {},
): Promise<void> {
  await runMain(service, async (main) => {
    const { config, log, lifecycle } = main
    const metrics = createMetrics({ processMetrics: true, parts: options.metrics ?? [] })
    metrics.gauge('murmur_build_info').labels(SOFTWARE_VERSION).set(1)
    showCertificates(metrics, 'nats', loadNatsSecurity().tls)
    showCertificates(metrics, 'redis', loadRedisTls())
    const onExported = (outcome: 'sent' | 'failed', spans: number) =>
      metrics.counter('murmur_spans_total').labels(outcome).inc(spans)
    const tracing = await createTracing({ service, ...config, version: SOFTWARE_VERSION, onExported }, log)
    lifecycle.add({ name: 'tracing', stop: () => tracing.shutdown() })
    const { auditFile } = config
    const audit = lifecycle.add(new AuditSink({ log, clock: main.clock, file: auditFile }))
    const connections = createConnections(service, { ...main, metrics }, options.connect)
    const checks = [connections.checks]
    const allChecks = (): Record<string, Check> => ({
      ...Object.assign({}, ...checks.map((each) => each())),
      ...(!lifecycle.isRunning && STARTING),
    })
    metrics.onScrape(() => {
      const ready = metrics.gauge('murmur_ready')
      ready.clear()
      for (const [check, { ok }] of Object.entries(allChecks())) ready.labels(check).set(ok ? 1 : 0)
    })
    const health = createHealthServer({
      host: config.httpHost,
      port: config.httpPort,
      metrics,
      log,
      checks: allChecks,
    })
    await health.start?.()
    const facts: (() => Record<string, string>)[] = []
    const addFacts = (more: () => Record<string, string>) => void facts.push(more)
    const changes = new AskedChanges({ audit, hasFile: auditFile !== undefined, clock: main.clock })
    const addChecks = (more: () => Record<string, Check>) => void checks.push(more)
    const connect = async (purpose?: string) => {
      const bus = await connections.connect(purpose)
      if (purpose === undefined)
        bus.describe(() => ({
          ...processFacts(bus, main, allChecks()),
          ...Object.assign({}, ...facts.map((each) => each())),
        }))
      bus.onChangeAsked((change) => changes.take(change))
      return bus
    }
    const announce = await build({ ...main, metrics, tracing, audit, connect, addChecks, addFacts })
    lifecycle.add({ name: 'subscriptions', start: connections.flush })
    // Last, so that it is the first to say that the service stops.
    lifecycle.add(health)
    return () => ({ httpPort: health.port, ...announce?.() })
  })
}

/** What a process tells those who discover services: what `murmur doctor --cluster` compares. All as text, as the protocol wants it. */
function processFacts(
  { brokerClock, serverVersion }: Bus,
  { config }: MainContext,
  checks: Record<string, Check>,
): Record<string, string> {
  const failed = Object.entries(checks).filter(([, { ok }]) => !ok)
  return {
    instance: config.instance,
    version: SOFTWARE_VERSION,
    node: process.versions.node,
    nats: serverVersion,
    ready: String(failed.length === 0),
    ...(failed.length > 0 && {
      failing: failed.map(([name, { detail }]) => `${name}: ${detail}`).join('; '),
    }),
    ...(brokerClock.isKnown && { 'clock-skew-ms': String(Math.round(brokerClock.skewMs)) }),
    traces: config.otlpEndpoint === undefined ? 'off' : 'on',
  }
}
/** The health server replaces it by its own when the service stops. */
const STARTING = {
  lifecycle: { ok: false, code: 'UNAVAILABLE', detail: 'the service is starting' },
} as const satisfies Record<string, Check>

function createConnections(
  service: string,
  context: MainContext & { metrics: Metrics },
  connectMain: ServiceConnector = connectService,
) {
  const byCheck: Record<string, Bus | undefined> = { nats: undefined }

  async function open(check: string, connecting: () => Promise<Bus>): Promise<Bus> {
    byCheck[check] = undefined
    const bus = await connecting()
    byCheck[check] = bus
    context.lifecycle.add({ name: `connection ${check}`, stop: () => bus.close() })
    return bus
  }

  return {
    connect: (purpose?: string) =>
      purpose === undefined
        ? open('nats', () => connectMain(service, context))
        : open(purpose, () => connectMain(`${service} ${purpose}`, context)),
    /** Resolves when the servers know of all subscriptions, so that whoever hears that the service is ready can send requests. */
    flush: async () => {
      // One that is cut meanwhile subscribes again by itself.
      await Promise.all(Object.values(byCheck).map((bus) => bus?.flush().catch(() => undefined)))
    },
    checks: (): Record<string, Check> =>
      Object.fromEntries(Object.entries(byCheck).map(([check, bus]) => [check, natsCheck(bus)])),
  }
}
