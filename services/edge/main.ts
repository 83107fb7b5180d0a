import { loadPlatformKeys, warnOfNoKeys } from '#platform/config/platform-keys.ts'
import { runService, type ServiceContext } from '#platform/lifecycle/run-service.ts'
import { showCertificates } from '#platform/telemetry/certificate-expiry.ts'
import { createAccess } from './access/create-access.ts'
import { KeyRing } from './access/key-ring.ts'
import { loadEdgeConfig } from './edge-config.ts'
import { readEdgeTls } from './edge-tls.ts'
import { EventHub } from './gateway/event-hub.ts'
import { Gateway } from './gateway/gateway.ts'
import { GrpcServer } from './grpc/grpc-server.ts'
import { EdgeServices, KeyServices } from './nats/edge-services.ts'
import { RestServer } from './rest/rest-server.ts'

// For clients that don't speak NATS. Keeps nothing but what it passes on: any number of instances side by side.
await runService('edge', build, { metrics: ['edge'] })

async function build({ config, log, clock, lifecycle, metrics, tracing, connect }: ServiceContext) {
  const edge = loadEdgeConfig()
  const { host, port, grpcPort, requestTimeoutMs } = edge
  const tls = readEdgeTls(edge)
  showCertificates(
    metrics,
    'edge',
    tls && { cert: String(tls.cert), ca: tls.clientCa && String(tls.clientCa) },
  )
  const bus = await connect()
  const telemetry = { metrics, tracing }
  const hub = lifecycle.add(new EventHub(bus, clock))
  const gateway = new Gateway(bus, tracing)
  lifecycle.add(new EdgeServices({ bus, gateway, hub, clock }))
  const seals = loadPlatformKeys()
  if (!seals) warnOfNoKeys(log)
  const keys = lifecycle.add(new KeyRing({ bus, clock, log, seals }))
  lifecycle.add(new KeyServices({ bus, keys, log }))
  const access = lifecycle.add(createAccess(edge, { config, keys, clock, log, metrics }))
  const isOpen = edge.auth === 'none'
  const browsers = { origins: edge.corsOrigins ?? [], isOpen, scheme: tls ? 'https' : 'http' } as const
  const rest = lifecycle.add(
    new RestServer({
      host,
      port,
      bus,
      gateway,
      hub,
      clock,
      log,
      access,
      tls,
      browsers,
      requestTimeoutMs,
      telemetry,
    }),
  )
  const grpc = lifecycle.add(
    new GrpcServer({ host, port: grpcPort, bus, gateway, hub, clock, log, access, tls, telemetry }),
  )
  return () => ({ restPort: rest.port, grpcPort: grpc.port })
}
