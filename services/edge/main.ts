import { loadEdgeLinks, loadSessionKeys } from '#platform/config/link-keys.ts'
import { loadPayloadKeys } from '#platform/config/payload-keys.ts'
import { loadPlatformKeys, warnOfNoKeys } from '#platform/config/platform-keys.ts'
import { runService, type ServiceContext } from '#platform/lifecycle/run-service.ts'
import { HeldCalls, type HeldOutcome } from '#platform/nats/held-calls.ts'
import { showCertificates } from '#platform/telemetry/certificate-expiry.ts'
import { RefusedRecords } from '#platform/telemetry/refused-records.ts'
import { DAY_MS } from '#schemas/api-key.ts'
import { Admission } from './access/admission.ts'
import { AuditLog } from './access/audit-log.ts'
import { TrustedProxies } from './access/client-address.ts'
import { createAccess } from './access/create-access.ts'
import { KeyRing } from './access/key-ring.ts'
import { KeyUses } from './access/key-uses.ts'
import { SessionCookies } from './console/session-cookie.ts'
import { loadEdgeConfig, warnOfPlainText } from './edge-config.ts'
import { type EdgeTls, readEdgeTls, TlsReload } from './edge-tls.ts'
import { EventHub } from './gateway/event-hub.ts'
import { Gateway } from './gateway/gateway.ts'
import { TaskFeed } from './gateway/task-feed.ts'
import { GrpcServer } from './grpc/grpc-server.ts'
import { EdgeServices } from './nats/edge-services.ts'
import { KeyServices } from './nats/key-services.ts'
import { loginMetadata } from './rest/login-route.ts'
import { RestServer } from './rest/rest-server.ts'

// For clients that don't speak NATS. Keeps nothing but what it passes on: any number of instances side by side.
await runService('edge', build, { metrics: ['edge'] })

async function build(context: ServiceContext) {
  const { config, log, clock, lifecycle, metrics, tracing, connect } = context
  const edge = loadEdgeConfig()
  const { host, port, grpcPort, requestTimeoutMs } = edge
  const tls = readEdgeTls(edge)
  const showExpiry = (of: EdgeTls | undefined) =>
    showCertificates(metrics, 'edge', of && { cert: of.cert, ca: of.clientCa })
  showExpiry(tls)
  warnOfPlainText(edge, log)
  const admission = new Admission({ ...edge, proxies: new TrustedProxies(edge.trustedProxies) })
  const bus = await connect()
  // Objects alone: all else is opened by orchestrators.
  const codec = loadPayloadKeys(log)
  if (codec) lifecycle.add(codec)
  bus.objects.codec = codec
  const telemetry = { metrics, tracing }
  const hub = lifecycle.add(new EventHub(bus, clock))
  const onHeld = (outcome: HeldOutcome) => metrics.counter('murmur_edge_held_total').labels(outcome).inc()
  const calls = new HeldCalls(bus, { clock, onHeld })
  metrics.onScrape(() => metrics.gauge('murmur_edge_held').labels().set(calls.held))
  const gateway = new Gateway(bus, { tracing, calls })
  lifecycle.add(new EdgeServices({ bus, gateway, hub, clock }))
  const feed = lifecycle.add(new TaskFeed({ hub, gateway, clock, log }))
  const seals = loadPlatformKeys()
  if (!seals) warnOfNoKeys(log)
  const lifetimes = { defaultMs: edge.keyDefaultDays * DAY_MS, maxMs: edge.keyMaxDays * DAY_MS }
  const audit = lifecycle.add(new AuditLog({ log, clock, file: edge.auditFile ?? config.auditFile }))
  const refused = new RefusedRecords({ log, metrics, clock, audit: { write: (line) => audit.note(line) } })
  context.addFacts(() => refused.facts())
  const onRefused = refused.note.bind(refused)
  const keys = lifecycle.add(new KeyRing({ bus, clock, log, seals, lifetimes, onRefused }))
  const uses = lifecycle.add(new KeyUses({ bus, clock, log }))
  bus.onChangeAsked((change) => audit.changed(change))
  lifecycle.add(new KeyServices({ bus, keys, uses, log }))
  const access = lifecycle.add(createAccess(edge, { config, keys, uses, audit, clock, log, metrics }))
  const isOpen = edge.auth === 'none'
  const browsers = { origins: edge.corsOrigins ?? [], isOpen, scheme: tls ? 'https' : 'http' } as const
  const shared = { host, bus, gateway, hub, clock, log, access, tls, telemetry, admission }
  const rest = lifecycle.add(
    new RestServer({
      ...shared,
      ...{ port, browsers, requestTimeoutMs, feed },
      links: loadEdgeLinks(),
      login: loginMetadata(edge),
      consoleDir: edge.consoleDir,
      dashboards: { grafana: edge.grafanaUrl, jaeger: edge.jaegerUrl },
      sessions: new SessionCookies(loadSessionKeys()),
    }),
  )
  const grpc = lifecycle.add(
    new GrpcServer({ ...shared, port: grpcPort, messageTimeoutMs: requestTimeoutMs }),
  )
  const onChange = (renewed: EdgeTls) => {
    rest.setTls(renewed)
    grpc.setTls(renewed)
    showExpiry(renewed)
  }
  if (tls) lifecycle.add(new TlsReload(tls, { files: edge, clock, log, onChange }))
  return () => ({ restPort: rest.port, grpcPort: grpc.port })
}
