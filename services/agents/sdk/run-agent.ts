import { type MainContext, runMain } from '#platform/lifecycle/run-main.ts'
import { connectService } from '#platform/nats/connect-service.ts'
import { createHealthServer } from '#platform/telemetry/health-server.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { createTracing } from '#platform/telemetry/tracing.ts'
import { AgentRunner } from './agent-runner.ts'
import type { AnyAgentDefinition } from './define-agent.ts'
import { Heartbeats } from './heartbeats.ts'

const BLOBS_WAIT_MS = 60_000

/** The main of a process that runs one agent or several: from the environment to the exit code. */
export async function runAgent(...agents: AnyAgentDefinition[]): Promise<void> {
  const service = agents.length === 1 ? agents[0]!.name : 'agents'
  await runMain(service, (context) => build(context, service, agents))
}

async function build(
  { config, log, clock, lifecycle }: MainContext,
  service: string,
  agents: AnyAgentDefinition[],
) {
  const metrics = createMetrics({ processMetrics: true })
  const tracing = await createTracing({ service, ...config }, log)
  const bus = await connectService(service, { config, log, metrics })
  const blobs = await bus.openBlobStore({ waitMs: BLOBS_WAIT_MS })
  lifecycle.add({
    name: 'connections',
    async stop() {
      await bus.close()
      await tracing.shutdown()
    },
  })
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
