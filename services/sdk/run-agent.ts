import { type MainContext, runMain } from '#platform/lifecycle/run-main.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { connectAgent } from '#platform/nats/connect-service.ts'
import { createHealthServer } from '#platform/telemetry/health-server.ts'
import { createMetrics, type Metrics } from '#platform/telemetry/metrics.ts'
import { createTracing } from '#platform/telemetry/tracing.ts'
import { AgentRunner } from './agent-runner.ts'
import type { AnyAgentDefinition } from './define-agent.ts'
import { Heartbeats } from './heartbeats.ts'

const BLOBS_WAIT_MS = 60_000

/** What agents that need more than their input are made from. */
export interface AgentsContext extends MainContext {
  readonly bus: Bus
  readonly blobs: BlobStore
  readonly metrics: Metrics
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
  const { config, log, clock, lifecycle } = context
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
  const agents = await make({ ...context, bus, blobs, metrics })
  for (const agent of agents) {
    const instance = agents.length === 1 ? config.instance : `${config.instance}-${agent.name}`.slice(-64)
    const deps = {
      agent,
      instance,
      bus,
      blobs,
      clock,
      metrics,
      tracing,
      log: log.child({ agent: agent.name }),
    }
    const runner = new AgentRunner(deps)
    const load = () => ({
      capacity: runner.capacity,
      inFlight: runner.inFlight,
      completed: runner.completed,
      failed: runner.failed,
    })
    lifecycle.add(new Heartbeats({ ...deps, load }))
    lifecycle.add(runner)
  }
  const health = lifecycle.add(
    createHealthServer({
      host: config.httpHost,
      port: config.httpPort,
      metrics,
      log,
      checks: () => ({ nats: { ok: bus.connected, detail: bus.connected ? 'connected' : 'not connected' } }),
    }),
  )
  return () => ({ httpPort: health.port, agents: agents.map((agent) => agent.name).join(' ') })
}
