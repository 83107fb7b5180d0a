import { loadNatsSecurity } from '#platform/config/connections.ts'
import { loadPayloadKeys } from '#platform/config/payload-keys.ts'
import type { ServiceConfig } from '#platform/config/service-config.ts'
import { removeLeftBehindFolders } from '#platform/files/left-behind-folders.ts'
import { runService, type ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { connectAgent } from '#platform/nats/connect-service.ts'
import { SealedRecords } from '#platform/nats/sealed-records.ts'
import type { MetricPart } from '#platform/telemetry/metric-names.ts'
import { agentOfSite } from '#schemas/site.ts'
import { createAgents } from './agents-of-process.ts'
import { chosenAgents } from './chosen-agents.ts'
import type { AnyAgentDefinition } from './define-agent.ts'
import { STEP_FILES } from './step-files.ts'

/** What agents that need more than their input are made from. */
export interface AgentsContext extends ServiceContext {
  readonly bus: Bus
}

/**
 * `runAgent` for agents that are made from connections and settings. Components that `make` adds to the lifecycle start before
 * the agents and stop after them.
 * @param options.metrics whose metrics the process shows beside those of agents
 */
export async function runAgents(
  service: string,
  make: (context: AgentsContext) => Promise<AnyAgentDefinition[]> | AnyAgentDefinition[],
  options: { metrics?: readonly MetricPart[] } = {},
): Promise<void> {
  const metrics: MetricPart[] = ['agent', ...(options.metrics ?? [])]
  await runService(service, (context) => build(context, service, make), { connect: connectAgent, metrics })
}

async function build(
  context: ServiceContext,
  service: string,
  make: (context: AgentsContext) => Promise<AnyAgentDefinition[]> | AnyAgentDefinition[],
) {
  const { addChecks, clock, config, lifecycle, log, stop } = context
  const folders = await removeLeftBehindFolders(STEP_FILES, { nowMs: clock.nowMs() })
  if (folders > 0) log.warn({ folders }, 'files that steps of an ended process had left behind were removed')
  const bus = await context.connect()
  const codec = loadPayloadKeys(log)
  if (codec) {
    lifecycle.add(codec)
    bus.guardRecords(new SealedRecords({ keys: undefined, codec }))
  }
  const made = await make({ ...context, bus })
  const chosen = chosenAgents(
    made.map(({ name }) => name),
    config.agents,
  )
  const agents = made
    .filter(({ name }) => chosen.includes(name))
    .map((agent) => ({ ...agent, name: agentOfSite(agent.name, config.site) }))
  const running = createAgents({
    ...context,
    bus,
    codec,
    objectsOf: (agent) => bus.objects.forAgent(agent),
    agents: agents.map((agent) => ({ agent, instance: instanceOf(config, agent, agents.length) })),
    order: { service, logger: config, nats: { url: config.natsUrl, security: loadNatsSecurity() } },
    onHopeless: stop,
  })
  for (const component of running.components) lifecycle.add(component)
  addChecks(running.checks)
  return () => ({ agents: agents.map((agent) => agent.name).join(' ') })
}

function instanceOf(config: ServiceConfig, agent: AnyAgentDefinition, agents: number): string {
  return agents === 1 ? config.instance : `${config.instance}-${agent.name}`.slice(-64)
}
