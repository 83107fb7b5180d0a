import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { FollowedStream } from '#platform/nats/followed-stream.ts'
import { publishAfter, putBack } from '#platform/nats/publish-after.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { AgentHeartbeat } from '#schemas/agent.ts'
import {
  type CordonOrder,
  type DrainedInstance,
  type DrainMark,
  type InstanceDrain,
  MAX_DRAINED_INSTANCES,
  type SetInstanceDrainRequest,
  type StoredDrains,
  storedDrainsSchema,
} from '#schemas/agent-drain.ts'
import { STREAMS } from '#subjects/streams.ts'
import { lastToken, SUBJECTS } from '#subjects/subjects.ts'
import { type AgentInstance, isAlive } from './agent-instance.ts'
import type { Dispatcher } from './dispatcher.ts'

export interface InstanceDrainsDeps {
  bus: Pick<Bus, 'streams' | 'consumers' | 'publisher' | 'serve' | 'publishCore'>
  /** The broker's. */
  clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>
  dispatcher: () => Pick<Dispatcher, 'drain' | 'instancesOf'>
  log: Log
}

type Instances = StoredDrains['instances']

const { name: STREAM } = STREAMS.policies
/** Who is not heard of for so long is drained no more. Milliseconds. */
export const GONE_AFTER_MS = 3_600_000
const FORGET_INTERVAL_MS = 60_000
/** Whoever lives has been heard by then. Milliseconds. */
const LISTEN_FIRST_MS = 2000
const POLL_INTERVAL_MS = 50
/** Writes that meet those of somebody else, before whoever asked is told to come back. */
const MAX_ATTEMPTS = 8
/** Agent types of which an instance was ever drained. */
const MAX_TYPES = 1000

/**
 * Which instances operators drain, as their subjects of the stream of policies say, in the memory of every orchestrator. Nothing is
 * dispatched to them, and they are told to ask for nothing: at once, and again with each heartbeat that does not say that they obey.
 * A mark is that of a name: an instance that starts again under it is drained still. Who is gone for an hour is forgotten.
 */
export class InstanceDrains implements Component {
  readonly name = 'drains of instances'
  readonly #deps: InstanceDrainsDeps
  readonly #known = new Map<string, StoredDrains>()
  /** When those that are drained were heard of last, by type and instance. Monotonic milliseconds. */
  readonly #heardAtMs = new Map<string, number>()
  readonly #followed: FollowedStream
  readonly #stopping = new AbortController()
  #startedAtMs = 0
  #end = () => {}
  #forgetting: Promise<void> = Promise.resolve()

  constructor(deps: InstanceDrainsDeps) {
    this.#deps = deps
    this.#followed = new FollowedStream(deps, {
      stream: STREAM,
      subject: SUBJECTS.instanceDrainsAll,
      what: 'drains',
      onMessage: ({ data }) => this.#learn(data),
      onRefused: (message) => void putBack(deps.bus, message, this.#known.get(lastToken(message.subject))),
    })
  }

  /** Resolves when every drain of now is known: nothing is dispatched to a drained instance meanwhile. @throws MurmurError UNAVAILABLE */
  async start(): Promise<void> {
    this.#startedAtMs = this.#deps.clock.monotonicMs()
    await this.#followed.start()
    this.#end = this.#deps.bus.serve('setInstanceDrain', async (request) => ({
      drain: await this.set(request),
    }))
    this.#forgetting = this.#forgetNowAndThen()
  }

  quiesce(): void {
    this.#end()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.all([this.#forgetting, this.#followed.stop()])
  }

  /** Since when an instance is drained, and why; undefined: it is not. */
  of(agent: string, instance: string): DrainMark | undefined {
    return this.#known.get(agent)?.instances.find((one) => one.instance === instance)
  }

  /** By type and name. */
  list(): DrainedInstance[] {
    return [...this.#known.values()]
      .flatMap(({ agent, instances }) => instances.map((one) => ({ agent, ...one })))
      .sort((a, b) => (keyOf(a.agent, a.instance) < keyOf(b.agent, b.instance) ? -1 : 1))
  }

  /**
   * Resolves when it is stored, and holds here; everywhere else within milliseconds.
   * @throws MurmurError INSTANCE_NOT_FOUND; DRAIN_UNSUPPORTED when it would go on taking steps; LIMIT_EXCEEDED; UNAVAILABLE
   */
  async set({ agent, instance, drain, reason }: SetInstanceDrainRequest): Promise<InstanceDrain> {
    if (!this.of(agent, instance)) {
      const found = await this.#find(agent, instance)
      if (!found)
        throw new MurmurError('INSTANCE_NOT_FOUND', `no instance "${instance}" of "${agent}" is heard of`)
      if (drain && !found.obeysCordons)
        throw new MurmurError(
          'DRAIN_UNSUPPORTED',
          `instance "${instance}" of "${agent}" does not know orders to drain: it would go on taking steps`,
        )
    }
    await this.#change(agent, (before) => {
      const known = before.find((one) => one.instance === instance)
      const others = before.filter((one) => one !== known)
      if (!drain) return known ? others : before
      // Asked again after a lost reply it stays as it is, and since when.
      if (known && (reason === undefined || reason === known.reason)) return before
      const sinceMs = known?.sinceMs ?? this.#deps.clock.nowMs()
      return [...others, { instance, sinceMs, ...(reason !== undefined && { reason }) }]
    })
    this.#tell(agent, instance, drain)
    const { sinceMs, reason: why } = this.of(agent, instance) ?? {}
    return {
      ...{ agent, instance, drain },
      ...(sinceMs !== undefined && { sinceMs }),
      ...(why !== undefined && { reason: why }),
    }
  }

  /** A heartbeat: who does not do what holds is told again. */
  heard({ type, instance, status, cordoned }: AgentHeartbeat): void {
    const isDrained = this.of(type, instance) !== undefined
    if (isDrained) this.#heardAtMs.set(keyOf(type, instance), this.#deps.clock.monotonicMs())
    if (isDrained && cordoned === false && status === 'ready') this.#tell(type, instance, true)
    if (!isDrained && cordoned === true) this.#tell(type, instance, false)
  }

  /** Takes the marks away of those who have not been heard of for an hour. @returns how many */
  async forget(): Promise<number> {
    const nowMs = this.#deps.clock.monotonicMs()
    let forgotten = 0
    for (const { agent, instances } of [...this.#known.values()]) {
      const isGone = ({ instance }: Instances[number]) =>
        nowMs - (this.#heardAtMs.get(keyOf(agent, instance)) ?? nowMs) > GONE_AFTER_MS
      const gone = instances.filter(isGone)
      if (gone.length === 0) continue
      await this.#change(agent, (before) => before.filter((one) => !isGone(one)))
      forgotten += gone.length
      const names = gone.map(({ instance }) => instance)
      this.#deps.log.info({ agent, instances: names }, 'instances that are gone are drained no more')
    }
    return forgotten
  }

  /** One that this orchestrator hears; right after its start it listens first. */
  async #find(agent: string, instance: string): Promise<AgentInstance | undefined> {
    const { clock, dispatcher } = this.#deps
    for (;;) {
      const nowMs = clock.monotonicMs()
      const found = dispatcher()
        .instancesOf(agent)
        .find(({ id }) => id === instance)
      if (found && isAlive(found, nowMs) && found.status !== 'stopped') return found
      if (nowMs - this.#startedAtMs > LISTEN_FIRST_MS) return undefined
      await clock.sleep(POLL_INTERVAL_MS, this.#stopping.signal)
    }
  }

  /** Writes what others may change at the same time. @throws MurmurError UNAVAILABLE, LIMIT_EXCEEDED */
  async #change(agent: string, change: (before: Instances) => Instances): Promise<void> {
    const { bus } = this.#deps
    const subject = SUBJECTS.instanceDrains(agent)
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const last = await bus.streams.lastMessage(STREAM, subject)
      const before = this.#storedIn(agent, last)?.instances ?? []
      const instances = change(before)
      if (instances === before) return
      if (instances.length > MAX_DRAINED_INSTANCES)
        throw new MurmurError(
          'LIMIT_EXCEEDED',
          `${MAX_DRAINED_INSTANCES} instances of "${agent}" are drained already: pause the type instead`,
        )
      if (!last && !this.#known.has(agent) && this.#known.size >= MAX_TYPES)
        throw new MurmurError('LIMIT_EXCEEDED', `instances of ${MAX_TYPES} agent types have been drained`)
      const stored: StoredDrains = { v: 1, agent, instances }
      const data = JSON.stringify(stored)
      const published = await publishAfter(bus, { stream: STREAM, subject, data, afterSeq: last?.seq ?? 0 })
      if (!('seq' in published)) continue
      await this.#followed.until(published.seq)
      return
    }
    throw new MurmurError('UNAVAILABLE', `drains of "${agent}" are changed again and again by others`, {
      retryAfterMs: 1000,
    })
  }

  /** What the platform has not written is not believed: what was known before it holds. */
  #storedIn(
    agent: string,
    last: { data: Uint8Array; refused?: string | undefined } | undefined,
  ): StoredDrains | undefined {
    if (!last || last.refused !== undefined) return this.#known.get(agent)
    const stored = readMessage(last.data, storedDrainsSchema)
    if (!stored) throw new MurmurError('UNAVAILABLE', `drains of "${agent}" are those of a later version`)
    return stored
  }

  #learn(data: Uint8Array): void {
    const stored = readMessage(data, storedDrainsSchema)
    if (!stored) return
    const { agent, instances } = stored
    const nowMs = this.#deps.clock.monotonicMs()
    const names = new Set(instances.map(({ instance }) => instance))
    for (const { instance } of this.#known.get(agent)?.instances ?? [])
      if (!names.has(instance)) this.#heardAtMs.delete(keyOf(agent, instance))
    for (const instance of names) {
      const key = keyOf(agent, instance)
      this.#heardAtMs.set(key, this.#heardAtMs.get(key) ?? nowMs)
    }
    this.#known.set(agent, stored)
    this.#deps.dispatcher().drain(agent, names)
  }

  #tell(agent: string, instance: string, cordoned: boolean): void {
    const order: CordonOrder = { v: 1, cordoned }
    this.#deps.bus.publishCore(SUBJECTS.cordon(agent, instance), JSON.stringify(order))
  }

  async #forgetNowAndThen(): Promise<void> {
    const { clock, log } = this.#deps
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await clock.sleep(FORGET_INTERVAL_MS, signal)
      if (signal.aborted) return
      await this.forget().catch((error: unknown) =>
        log.debug({ reason: messageOf(error) }, 'drains of those who are gone could not be taken away'),
      )
    }
  }
}

function keyOf(agent: string, instance: string): string {
  return `${agent}.${instance}`
}
