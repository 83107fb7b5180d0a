import { loadNatsSecurity } from '#platform/config/connections.ts'
import type { ServiceConfig } from '#platform/config/service-config.ts'
import { type MainContext, runMain } from '#platform/lifecycle/run-main.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { connectAgent } from '#platform/nats/connect-service.ts'
import { type Check, createHealthServer } from '#platform/telemetry/health-server.ts'
import { createMetrics, type Metrics } from '#platform/telemetry/metrics.ts'
import { connectionChecks } from '#platform/telemetry/readiness.ts'
import { createTracing } from '#platform/telemetry/tracing.ts'
import { createAgents } from './agents-of-process.ts'
import type { AnyAgentDefinition } from './define-agent.ts'

const BLOBS_WAIT_MS = 60_000

/** What agents that need more than their input are made from. */
export interface AgentsContext extends MainContext {
  readonly bus: Bus
  readonly blobs: BlobStore
  readonly metrics: Metrics
  /** What `/readyz` asks beside NATS: for agents that need more than that. */
  addChecks(checks: () => Record<string, Check>): void
}

/**
 * `runAgent` for agents that are made from connections and settings. Components that `make` adds to the lifecycle start before
 * the agents and stop after them.
 */
export async function runAgents(
  service: string,
  make: (context: AgentsContext) => Promise<AnyAgentDefinition[]> | AnyAgentDefinition[],
): Promise<void> {
  await runMain(service, (context) => build(context, service, make))
}

async function build(
  context: MainContext,
  service: string,
  make: (context: AgentsContext) => Promise<AnyAgentDefinition[]> | AnyAgentDefinition[],
) {
  const { config, log, clock, lifecycle, stop } = context
  const metrics = createMetrics({ processMetrics: true })
  const tracing = await createTracing({ service, ...config }, log)
  const bus = await connectAgent(service, { config, log, metrics, clock })
  const blobs = await bus.openBlobStore({ waitMs: BLOBS_WAIT_MS })
  lifecycle.add({
    name: 'connections',
    async stop() {
      await bus.close()
      await tracing.shutdown()
    },
  })
  let own = (): Record<string, Check> => ({})
  const addChecks = (checks: typeof own) => {
    own = checks
  }
  const agents = await make({ ...context, bus, blobs, metrics, addChecks })
  const running = createAgents({
    agents: agents.map((agent) => ({ agent, instance: instanceOf(config, agent, agents.length) })),
    order: { service, logger: config, nats: { url: config.natsUrl, security: loadNatsSecurity() } },
    bus,
    blobs,
    clock,
    metrics,
    tracing,
    log,
    onHopeless: stop,
  })
  for (const component of running.components) lifecycle.add(component)
  const health = lifecycle.add(
    createHealthServer({
      host: config.httpHost,
      port: config.httpPort,
      metrics,
      log,
      checks: () => ({ ...connectionChecks(['nats'], { nats: bus }), ...running.checks(), ...own() }),
    }),
  )
  return () => ({ httpPort: health.port, agents: agents.map((agent) => agent.name).join(' ') })
}

function instanceOf(config: ServiceConfig, agent: AnyAgentDefinition, agents: number): string {
  return agents === 1 ? config.instance : `${config.instance}-${agent.name}`.slice(-64)
}
