import { loadEdgeConfig } from '#platform/config/edge.ts'
import { runMain } from '#platform/lifecycle/run-main.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { connectService } from '#platform/nats/connect-service.ts'
import { createHealthServer } from '#platform/telemetry/health-server.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { connectionChecks } from '#platform/telemetry/readiness.ts'
import { createAccess } from './access/create-access.ts'
import { KeyRing } from './access/key-ring.ts'
import { readEdgeTls } from './edge-tls.ts'
import { EventHub } from './gateway/event-hub.ts'
import { Gateway } from './gateway/gateway.ts'
import { GrpcServer } from './grpc/grpc-server.ts'
import { EdgeServices, KeyServices } from './nats/edge-services.ts'
import { RestServer } from './rest/rest-server.ts'

// The transport for clients that don't speak NATS. Keeps nothing but what it passes on: any number of instances side by side.
await runMain('edge', async ({ config, log, clock, lifecycle }) => {
  const edge = loadEdgeConfig()
  const { host, port, grpcPort } = edge
  const tls = readEdgeTls(edge)
  const metrics = createMetrics({ processMetrics: true })
  let connected: Bus | undefined
  const health = createHealthServer({
    host: config.httpHost,
    port: config.httpPort,
    metrics,
    log,
    checks: () => connectionChecks(['nats'], { nats: connected }),
  })
  await health.start?.()
  const bus = await connectService('edge', { config, log, metrics })
  connected = bus
  lifecycle.add({ name: 'connection', stop: () => bus.close() })
  const hub = lifecycle.add(new EventHub(bus, clock))
  const gateway = new Gateway(bus)
  lifecycle.add(new EdgeServices({ bus, gateway, hub, clock }))
  const keys = lifecycle.add(new KeyRing({ bus, clock, log }))
  lifecycle.add(new KeyServices({ bus, keys, log }))
  const access = lifecycle.add(createAccess(edge, { config, keys, clock, log, metrics }))
  const isOpen = edge.auth === 'none'
  const browsers = { origins: edge.corsOrigins ?? [], isOpen, scheme: tls ? 'https' : 'http' } as const
  const rest = lifecycle.add(
    new RestServer({ host, port, bus, gateway, hub, clock, log, access, tls, browsers }),
  )
  const grpc = lifecycle.add(
    new GrpcServer({ host, port: grpcPort, bus, gateway, hub, clock, log, access, tls }),
  )
  lifecycle.add(health)
  return () => ({ httpPort: health.port, restPort: rest.port, grpcPort: grpc.port })
})
