import type { Clock } from '#platform/clock/clock.ts'
import type { Component, Deadline } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { StepObjects } from '#platform/nats/object-client.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { Check } from '#platform/telemetry/health-server.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import { AgentRunner, DEFAULT_CONCURRENCY } from './agent-runner.ts'
import { AloneTurns } from './alone-turns.ts'
import { CordonOrders } from './cordon-orders.ts'
import type { AnyAgentDefinition } from './define-agent.ts'
import type { ThreadOrder } from './heartbeat-thread.ts'
import { Heartbeats } from './heartbeats.ts'
import { Registration } from './registration.ts'
import { SlotTable } from './slot-table.ts'

export interface AgentsOfProcessDeps {
  agents: readonly { agent: AnyAgentDefinition; instance: string }[]
  /** How the thread of heartbeats connects and logs. */
  order: Omit<ThreadOrder, 'agents'>
  bus: Bus
  /** Objects for the steps of an agent type. */
  objectsOf: (agent: string) => StepObjects
  /** Opens inputs that are encrypted. */
  codec?: PayloadCodec | undefined
  clock: Clock
  metrics: Metrics
  tracing: Tracing
  log: Log
  /** Ends the process, because handlers that do not end hold every slot of an agent. */
  onHopeless: (why: string) => void
}

export interface AgentsOfProcess {
  /** In the order in which they start. */
  components: Component[]
  /** For /readyz. */
  checks(): Record<string, Check>
}

/** Everything that a process does for its agents: their runners, their registrations, and one thread of heartbeats for all. */
export function createAgents(deps: AgentsOfProcessDeps): AgentsOfProcess {
  const { bus, clock, log } = deps
  const bornAtMs = clock.nowMs()
  const turns = new AloneTurns(clock)
  const members = deps.agents.map(({ agent, instance }) => {
    const slots = SlotTable.create(agent.limits?.concurrency ?? DEFAULT_CONCURRENCY)
    const ownLog = log.child({ agent: agent.name })
    const onState = () => heartbeats.beatNow()
    const own = { agent, instance, bornAtMs, objects: deps.objectsOf(agent.name), log: ownLog }
    const runner = new AgentRunner({ ...deps, ...own, slots, turns, onState })
    const version = agent.version ?? '0'
    const { capabilities, description } = agent
    const { capacity } = runner
    const about = {
      agent: agent.name,
      instance,
      version,
      capacity,
      bornAtMs,
      ...(capabilities && { capabilities }),
    }
    const onRegistered = () => {
      slots.state = slots.cordoned ? 'draining' : 'ready'
      onState()
    }
    const registration = new Registration({
      registration: { type: agent.name, instance, version, ...(description && { description }) },
      bus,
      clock,
      log: ownLog,
      onRegistered,
      onQueue: (queue) => runner.takeFromOwn(queue),
      onCordon: (isCordoned) => runner.cordon(isCordoned),
    })
    const orders = new CordonOrders({ agent: agent.name, instance, bus, runner })
    return { about, slots, runner, registration, orders, onOver: runner.drop.bind(runner) }
  })
  const runners = members.map(({ runner }) => runner)
  const heartbeats = new Heartbeats({
    agents: members,
    order: deps.order,
    bus,
    clock,
    log,
    onBrokerTime: (brokerNowMs) => {
      for (const runner of runners) runner.heardBrokerTime(brokerNowMs)
    },
  })
  exposeHandlers(deps.metrics, members)
  return {
    components: [
      heartbeats,
      ...members.flatMap(({ orders, registration }) => [orders, registration]),
      together(runners),
    ],
    checks: () => Object.fromEntries(runners.map((runner) => [runner.name, runner.check()])),
  }
}

/** They start one after the other and stop at the same time: each needs the time that is left until the process has to end. */
function together(runners: readonly AgentRunner[]): Component {
  const [only] = runners
  const name = runners.length === 1 ? only!.name : 'agents'
  return {
    name,
    async start() {
      for (const runner of runners) await runner.start()
    },
    async quiesce() {
      await Promise.all(runners.map((runner) => runner.quiesce()))
    },
    async stop(deadline: Deadline) {
      await Promise.all(runners.map((runner) => runner.stop(deadline)))
    },
  }
}

const COUNTED = ['murmur_dead_letters_total', 'murmur_chunks_total', 'murmur_chunks_left_out_total'] as const

function exposeHandlers(
  metrics: Metrics,
  members: readonly { runner: AgentRunner; slots: SlotTable; about: { agent: string } }[],
): void {
  const counted = new Map<string, number>()
  // What has not happened yet reads 0, so that its first time is an increase.
  for (const { about } of members) for (const name of COUNTED) metrics.counter(name).labels(about.agent)
  metrics.onScrape(() => {
    for (const { about, runner, slots } of members) {
      metrics.gauge('murmur_agent_stuck_handlers').labels(about.agent).set(runner.stuck)
      const blocked = metrics.counter('murmur_agent_blocked_seconds_total').labels(about.agent)
      blocked.inc((slots.blockedMs - (counted.get(about.agent) ?? 0)) / 1000)
      counted.set(about.agent, slots.blockedMs)
    }
  })
}
