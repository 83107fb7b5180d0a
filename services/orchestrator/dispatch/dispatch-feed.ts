import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { BusMessage, CorePublishing, Subscribing } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type AgentHeartbeat, agentHeartbeatSchema } from '#schemas/agent.ts'
import type { BreakerChange } from '#schemas/agent-policy.ts'
import { parseHeartbeatSubject, SUBJECTS } from '#subjects/subjects.ts'
import type { BreakerState } from './breaker.ts'
import type { Dispatcher, Transition } from './dispatcher.ts'

export interface DispatchFeedDeps {
  bus: Subscribing & CorePublishing
  dispatcher: () => Dispatcher
  /** Told too. */
  onHeartbeat: (beat: AgentHeartbeat) => void
  metrics: Metrics
  log: Log
}

const SMALL_BODY_BYTES = 16 * 1024
const GAUGE: Record<BreakerState, number> = { closed: 0, 'half-open': 1, open: 2 }

/** What the dispatcher hears (heartbeats of all instances), and what it tells: its circuit breakers, as events and metrics. */
export class DispatchFeed implements Component {
  readonly name = 'dispatch feed'
  readonly #deps: DispatchFeedDeps
  /** Instances whose breaker is not closed, by agent type. */
  readonly #open = new Map<string, Set<string>>()
  #end: () => void = () => {}

  constructor(deps: DispatchFeedDeps) {
    this.#deps = deps
  }

  start(): void {
    // Not shared among orchestrators: each has to know who there is.
    this.#end = this.#deps.bus.subscribe(SUBJECTS.heartbeatAll, (message) => this.#hear(message))
  }

  stop(): void {
    this.#end()
    this.#deps.dispatcher().stop()
  }

  /** A circuit breaker has changed. Nothing depends on who hears of it. */
  onTransition({ agent, instance, state, because }: Transition): void {
    const { bus, log, metrics } = this.#deps
    const scope = instance === undefined ? 'agent' : 'instance'
    metrics.counter('murmur_breaker_transitions_total').labels(agent, scope, state).inc()
    if (instance === undefined) metrics.gauge('murmur_breaker_state').labels(agent).set(GAUGE[state])
    else this.#countOpen(agent, instance, state)
    const about = { agent, ...(instance !== undefined && { instance }), state, because }
    if (state === 'open') log.warn(about, 'a circuit breaker has opened: its work waits')
    else log.info(about, 'a circuit breaker has changed')
    const change: BreakerChange = { v: 1, ...about }
    bus.publishCore(SUBJECTS.breaker(agent), JSON.stringify(change))
  }

  #countOpen(agent: string, instance: string, state: BreakerState): void {
    const open = this.#open.get(agent) ?? new Set()
    if (state === 'closed') open.delete(instance)
    else open.add(instance)
    if (open.size > 0) this.#open.set(agent, open)
    else this.#open.delete(agent)
    this.#deps.metrics.gauge('murmur_breaker_open_instances').labels(agent).set(open.size)
  }

  #hear({ subject, data }: BusMessage): void {
    if (data.length > SMALL_BODY_BYTES) return
    const beat = readMessage(data, agentHeartbeatSchema)
    const sender = parseHeartbeatSubject(subject)
    // The server checks who may publish on a subject, and nobody what stands in the body.
    if (!beat || sender?.type !== beat.type || sender.instance !== beat.instance) return
    this.#deps.dispatcher().onHeartbeat(beat)
    this.#deps.onHeartbeat(beat)
  }
}
