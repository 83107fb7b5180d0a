import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, BusMessage } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import { RedisLockStore } from '#platform/redis/redis-lock-store.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type AgentHeartbeat, type AgentView, agentHeartbeatSchema, isCordoned } from '#schemas/agent.ts'
import type { DrainMark } from '#schemas/agent-drain.ts'
import type { SiteView } from '#schemas/site.ts'
import type { RequestOf, ResponseOf } from '#subjects/operations.ts'
import { ownQueueConsumer, STREAMS, stepConsumers } from '#subjects/streams.ts'
import { parseStepAtSubject, SUBJECTS } from '#subjects/subjects.ts'
import type { InstanceDrains } from '../dispatch/instance-drains.ts'
import { QueueNumbers } from './queue-numbers.ts'
import { similarNames } from './similar-names.ts'
import type { SiteRegistry } from './site-registry.ts'

export interface AgentRegistryDeps {
  bus: Bus
  redis: Redis
  clock: Clock
  metrics: Metrics
  log: Log
  /** Told with the agents, where there are some. */
  sites?: Pick<SiteRegistry, 'list'>
  /** Told with the agents too: detectors, and how cameras are. */
  video?: () => Promise<Pick<ResponseOf<'listAgents'>, 'detectors' | 'cameras'>>
  /** Which instances operators drain. */
  drains?: Pick<InstanceDrains, 'of' | 'list'>
  /** Whether this orchestrator tells the figures of agents: one of all does. */
  isReporter?: () => boolean
}

const KEY = 'murmur:agents'
const QUEUE = 'orchestrators'
/** Four heartbeats and a half: whoever is silent for longer is listed no more, within five seconds. */
const LOST_AFTER_MS = 4500
/** What is kept of those; less would take away what comes back after a pause of its network. */
const FORGOTTEN_AFTER_MS = 60_000
const SMALL_BODY_BYTES = 16 * 1024
const FIGURES = [
  ...['murmur_agent_instances', 'murmur_agent_drained_instances'],
  ...['murmur_agent_capacity', 'murmur_agent_in_flight'],
] as const
/** An agent type that is not known is searched again after this. */
const UNKNOWN_FOR_MS = 1000

/** Which agents there are: their queues are made when they register, their heartbeats are kept in Redis. */
export class AgentRegistry implements Component {
  readonly name = 'agent registry'
  readonly #deps: AgentRegistryDeps
  readonly #warnedOf = new Set<string>()
  readonly #known = new Set<string>()
  readonly #queues: QueueNumbers
  readonly #unknownUntilMs = new Map<string, number>()
  /** Types that have figures. */
  readonly #measured = new Set<string>()
  #ends: (() => void)[] = []

  constructor(deps: AgentRegistryDeps) {
    this.#deps = deps
    this.#queues = new QueueNumbers({
      locks: new RedisLockStore(deps.redis),
      list: () => this.list(),
      filled: (type) => this.#filledQueues(type),
    })
  }

  async #filledQueues(type: string): Promise<ReadonlySet<number>> {
    const { subjects } = await this.#deps.bus.streams.fill(STREAMS.steps.name, SUBJECTS.stepsAtOf(type))
    return new Set([...subjects.keys()].flatMap((subject) => parseStepAtSubject(subject)?.queue ?? []))
  }

  start(): void {
    const { bus, metrics } = this.#deps
    this.#ends = [
      bus.serve('registerAgent', (request, { message }) => {
        if (message.isFromOtherAccount === false) this.#warnOfOneAccount(request.type)
        return this.#register(request)
      }),
      bus.serve('listAgents', () => this.#all()),
      bus.subscribe(SUBJECTS.heartbeatAll, (message) => void this.#heartbeat(message), {
        queue: QUEUE,
        whileServing: true,
      }),
    ]
    metrics.onScrape(() => this.#refreshGauges())
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async #all(): Promise<ResponseOf<'listAgents'>> {
    const [agents, sites, video] = await Promise.all([this.list(), this.#sites(), this.#video()])
    const drains = this.#deps.drains?.list() ?? []
    return { agents, drains, ...(sites.length > 0 && { sites }), ...video }
  }

  /** Users of Redis of an earlier version may not read them: then agents are told all the same. */
  async #sites(): Promise<SiteView[]> {
    try {
      return (await this.#deps.sites?.list()) ?? []
    } catch (error) {
      this.#deps.log.warn({ reason: messageOf(error) }, 'sites could not be read')
      return []
    }
  }

  /** Not to be read, or not yet: then agents are told all the same. */
  async #video(): Promise<Pick<ResponseOf<'listAgents'>, 'detectors' | 'cameras'>> {
    try {
      return (await this.#deps.video?.()) ?? {}
    } catch (error) {
      this.#deps.log.warn({ reason: messageOf(error) }, 'detectors and cameras could not be read')
      return {}
    }
  }

  /** Instances that live: they have been heard of lately, and have not said that they stop for good. */
  async list(): Promise<AgentView[]> {
    const { redis, clock } = this.#deps
    const entries = Object.entries(await redis.hgetall(KEY)).map(
      ([field, json]) => [field, JSON.parse(json) as HeardAgent] as const,
    )
    const oldestMs = clock.nowMs() - FORGOTTEN_AFTER_MS
    await redis.hdel(
      KEY,
      entries.filter(([, view]) => view.lastSeenMs < oldestMs).map(([field]) => field),
    )
    return entries
      .map(([, view]) => view)
      .filter((view) => view.status !== 'stopped' && !this.#isLost(view))
      .map((view) => withDrain(view, this.#deps.drains?.of(view.type, view.instance)))
      .sort((a, b) => a.type.localeCompare(b.type) || a.instance.localeCompare(b.instance))
  }

  /** True for every type that has registered once: its queues are there, whether or not an instance is alive just now. */
  async isKnown(type: string): Promise<boolean> {
    if (this.#known.has(type)) return true
    const nowMs = this.#deps.clock.monotonicMs()
    if ((this.#unknownUntilMs.get(type) ?? 0) > nowMs) return false
    const [consumer] = stepConsumers(type)
    if (await this.#deps.bus.consumers.depth(STREAMS.steps.name, consumer!.name)) {
      this.#known.add(type)
      return true
    }
    if (this.#unknownUntilMs.size > 1000) this.#unknownUntilMs.clear()
    this.#unknownUntilMs.set(type, nowMs + UNKNOWN_FOR_MS)
    return false
  }

  /** Types with a similar name, of those that are known or send heartbeats. */
  async similarTypes(type: string): Promise<string[]> {
    const heardOf = (await this.list()).map((view) => view.type)
    return similarNames(type, [...this.#known, ...heardOf])
  }

  async #register({
    type,
    instance,
    ownQueue,
  }: RequestOf<'registerAgent'>): Promise<ResponseOf<'registerAgent'> & { brokerNowMs: number }> {
    const consumers = stepConsumers(type)
    await Promise.all(consumers.map((consumer) => this.#deps.bus.consumers.provision(consumer)))
    const queue = ownQueue ? await this.#queues.assign(type, instance) : undefined
    if (queue !== undefined) await this.#deps.bus.consumers.provision(ownQueueConsumer(type, queue))
    this.#known.add(type)
    this.#deps.log.info({ type, agent: instance }, 'agent registered')
    const brokerNowMs = this.#deps.bus.brokerClock.nowMs()
    const names = consumers.map((consumer) => consumer.name)
    const cordoned = this.#deps.drains?.of(type, instance) !== undefined
    return { ok: true, consumers: names, brokerNowMs, cordoned, ...(queue !== undefined && { queue }) }
  }

  /** Once for each type: an agent in the account of the platform can have what it asks for sent to any subject of it. */
  #warnOfOneAccount(type: string): void {
    if (this.#warnedOf.has(type)) return
    this.#warnedOf.add(type)
    this.#deps.log.warn(
      { type },
      'agents of this type are in the NATS account of the platform: whoever has their password can change what is in its streams. Give them accounts of their own: `node deploy/nats/print-authorization.ts` prints them, docs/security-servers.md says why',
    )
  }

  async #heartbeat(message: BusMessage): Promise<void> {
    try {
      const beat = agentHeartbeatSchema.parse(parseBoundedJson(message.data, { maxBytes: SMALL_BODY_BYTES }))
      // The server checks who may publish on a subject, and nobody else checks what stands in the body.
      if (message.subject !== SUBJECTS.heartbeat(beat.type, beat.instance))
        throw new MurmurError('INVALID_REQUEST', 'a heartbeat that names another instance than its subject')
      const view: HeardAgent = { ...beat, lastSeenMs: this.#deps.clock.nowMs() }
      await this.#deps.redis.hset(KEY, `${beat.type}:${beat.instance}`, JSON.stringify(view))
    } catch (error) {
      // The next one comes in a second.
      this.#deps.log.debug({ reason: messageOf(error), subject: message.subject }, 'a heartbeat was not kept')
    }
  }

  #isLost(view: HeardAgent): boolean {
    return view.lastSeenMs < this.#deps.clock.nowMs() - LOST_AFTER_MS
  }

  async #refreshGauges(): Promise<void> {
    const { metrics } = this.#deps
    if (this.#deps.isReporter?.() === false) {
      for (const name of FIGURES) metrics.gauge(name).clear()
      return
    }
    const nothing = { instances: 0, drained: 0, capacity: 0, inFlight: 0 }
    // A type of which nobody is left is at nothing: its last figures must not stand.
    const totals = new Map([...this.#measured].map((type) => [type, { ...nothing }]))
    for (const { type, capacity, inFlight, drain } of await this.list()) {
      const total = totals.get(type) ?? { ...nothing }
      total.instances += 1
      if (drain) total.drained += 1
      total.capacity += capacity
      total.inFlight += inFlight
      totals.set(type, total)
      this.#measured.add(type)
    }
    for (const [type, total] of totals) {
      showZero(metrics, type)
      metrics.gauge('murmur_agent_instances').labels(type).set(total.instances)
      metrics.gauge('murmur_agent_drained_instances').labels(type).set(total.drained)
      metrics.gauge('murmur_agent_capacity').labels(type).set(total.capacity)
      metrics.gauge('murmur_agent_in_flight').labels(type).set(total.inFlight)
    }
  }
}

/** An instance as its last heartbeat has it. */
interface HeardAgent extends AgentHeartbeat {
  lastSeenMs: number
}

/** With what an operator wants of it, and how far it is with that. Pure. */
export function withDrain(heard: HeardAgent, drain: DrainMark | undefined): AgentView {
  if (!drain) return heard
  const { sinceMs, reason } = drain
  // One that does not say that it obeys may take something yet.
  const isDrained = isCordoned(heard) && heard.inFlight === 0
  return {
    ...heard,
    status: isDrained ? 'drained' : 'draining',
    drain: { sinceMs, ...(reason !== undefined && { reason }) },
  }
}

const OUTCOMES = ['done', 'retry', 'fail'] as const

/** What has not happened yet of an agent reads 0, so that its first time is an increase. */
function showZero(metrics: Metrics, agent: string): void {
  metrics.counter('murmur_steps_dispatched_total').labels(agent)
  metrics.counter('murmur_dead_letters_total').labels(agent)
  metrics.gauge('murmur_breaker_state').labels(agent)
  for (const outcome of OUTCOMES) metrics.counter('murmur_step_results_total').labels(agent, outcome)
}
