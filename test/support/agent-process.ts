import type { Test } from 'tap'
import { type Clock, systemClock } from '../../services/platform/clock/clock.ts'
import { Lifecycle } from '../../services/platform/lifecycle/lifecycle.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { type Log, silentLog } from '../../services/platform/telemetry/logger.ts'
import { createMetrics, type Metrics } from '../../services/platform/telemetry/metrics.ts'
import { createTracing } from '../../services/platform/telemetry/tracing.ts'
import { type AgentsOfProcess, createAgents } from '../../services/sdk/agents-of-process.ts'
import type { AnyAgentDefinition } from '../../services/sdk/define-agent.ts'
import { openBus } from './bus.ts'

export interface AgentProcess {
  bus: Bus
  metrics: Metrics
  agents: AgentsOfProcess
  hopeless: string[]
  /** In order, within `graceMs`. */
  stop(): Promise<unknown>
}

/** Everything that runs agents in a process of their own, in this one: runners, registration, the thread of heartbeats. */
export async function startAgents(
  t: Pick<Test, 'teardown'>,
  natsUrl: string,
  definitions: readonly AnyAgentDefinition[],
  options: {
    instance?: string
    /** As spans name it. */
    service?: string
    graceMs?: number
    log?: Log
    clock?: Clock
    otlpEndpoint?: string
    /** Objects go through orchestrators, as those of all agents do; else straight to the store. */
    isThroughGateway?: boolean
  } = {},
): Promise<AgentProcess> {
  const log = options.log ?? silentLog
  const instance = options.instance ?? 'test-agent'
  const clock = options.clock ?? systemClock
  const bus = await openBus(t, natsUrl, options.isThroughGateway ? { hasJetStream: false } : {})
  // An agent in an account of its own can't reach the store.
  const blobs = options.isThroughGateway ? undefined : await bus.objects.open({ waitMs: 5000 })
  const metrics = createMetrics()
  const tracing = await createTracing(
    { service: options.service ?? 'test', instance, traceRatio: 0, otlpEndpoint: options.otlpEndpoint },
    log,
  )
  const lifecycle = new Lifecycle({ log, clock: systemClock, graceMs: options.graceMs ?? 2500 })
  const hopeless: string[] = []
  const agents = createAgents({
    agents: definitions.map((agent) => ({ agent, instance: `${instance}-${agent.name}` })),
    order: { service: 'test', logger: { logLevel: 'fatal', instance }, nats: { url: natsUrl, security: {} } },
    bus,
    objectsOf: (agent) => (blobs ? { forStep: () => blobs } : bus.objects.forAgent(agent)),
    clock,
    metrics,
    tracing,
    log,
    onHopeless: (why) => void hopeless.push(why),
  })
  for (const component of agents.components) lifecycle.add(component)
  lifecycle.add({ name: 'tracing', stop: () => tracing.shutdown() })
  await lifecycle.start()
  t.teardown(() => lifecycle.stop())
  return { bus, metrics, agents, hopeless, stop: () => lifecycle.stop() }
}
