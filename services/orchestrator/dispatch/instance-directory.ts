import type { AgentHeartbeat } from '#schemas/agent.ts'
import { type AgentInstance, isAlive } from './agent-instance.ts'
import { Breaker, type BreakerSettings, type BreakerState } from './breaker.ts'

interface Known extends AgentInstance {
  breaker: Breaker
}

export interface InstanceDirectoryOptions {
  agent: string
  breaker: BreakerSettings
  onTransition: (instance: string, state: BreakerState, because: string) => void
}

/** Who has not been heard of for so long is forgotten. Milliseconds. */
const FORGOTTEN_AFTER_MS = 60_000
/** Instances of one type; who comes beyond that takes what is for any, and is never named. */
const MAX_INSTANCES = 1000

/** The instances of one agent type by their heartbeats, with what this orchestrator has sent to each. */
export class InstanceDirectory {
  readonly #instances = new Map<string, Known>()
  #drained: ReadonlySet<string> = new Set()
  #options: InstanceDirectoryOptions

  constructor(options: InstanceDirectoryOptions) {
    this.#options = options
  }

  heard(beat: AgentHeartbeat, nowMs: number): void {
    const { instance: id, version, capacity, status, inFlight, blockedMs = 0, capabilities = [] } = beat
    const hasOwnQueue = beat.queue !== undefined
    const known = this.#instances.get(id) ?? this.#add(id, nowMs)
    if (!known) return
    // What it has in hand beyond what we sent: others did, or it took it from the queue of all.
    const othersInFlight = Math.max(0, inFlight - known.ownInFlight)
    Object.assign(known, {
      hasOwnQueue,
      queue: beat.queue,
      obeysCordons: beat.cordoned !== undefined,
      version,
      capacity,
      status,
      blockedMs,
      capabilities,
      othersInFlight,
      heardAtMs: nowMs,
    })
  }

  get(id: string): AgentInstance | undefined {
    return this.#instances.get(id)
  }

  /** As they are now. */
  list(nowMs: number): AgentInstance[] {
    const listed: AgentInstance[] = []
    for (const [id, known] of this.#instances) {
      if (nowMs - known.heardAtMs > FORGOTTEN_AFTER_MS && known.ownInFlight === 0) this.#instances.delete(id)
      else {
        known.admits = known.breaker.admits(nowMs)
        known.onTrial = known.breaker.state === 'half-open'
        known.isDrained = this.#drained.has(id)
        listed.push(known)
      }
    }
    return listed
  }

  breakerOf(id: string): Breaker | undefined {
    return this.#instances.get(id)?.breaker
  }

  /**
   * Slots of those that take work, and how many of them are taken as they said last. While nobody does, those that did a moment ago
   * count: they start again, and what waits until then is still to be put in order.
   */
  capacity(nowMs: number): { slots: number; taken: number } {
    let slots = 0
    let taken = 0
    let before = 0
    for (const one of this.#instances.values()) {
      if (this.#drained.has(one.id)) continue
      if (nowMs - one.heardAtMs <= FORGOTTEN_AFTER_MS) before += one.capacity
      if (!isAlive(one, nowMs) || one.status !== 'ready') continue
      slots += one.capacity
      taken += Math.min(one.capacity, one.othersInFlight + one.ownInFlight)
    }
    return { slots: slots === 0 ? before : slots, taken }
  }

  sent(id: string): void {
    const known = this.#instances.get(id)
    if (known) known.ownInFlight++
  }

  ended(id: string): void {
    const known = this.#instances.get(id)
    if (known) known.ownInFlight = Math.max(0, known.ownInFlight - 1)
  }

  /** These an operator drains, those among them that are not known yet. */
  set drained(ids: ReadonlySet<string>) {
    this.#drained = ids
  }

  /** Other settings make other breakers, which begin closed. */
  set breaker(breaker: BreakerSettings) {
    this.#options = { ...this.#options, breaker }
    for (const known of this.#instances.values()) known.breaker = this.#newBreaker(known.id)
  }

  resetBreakers(): void {
    for (const { breaker } of this.#instances.values()) breaker.reset()
  }

  #add(id: string, nowMs: number): Known | undefined {
    if (this.#instances.size >= MAX_INSTANCES) return undefined
    const known: Known = {
      id,
      version: '0',
      capabilities: [],
      capacity: 1,
      ownInFlight: 0,
      othersInFlight: 0,
      status: 'ready',
      heardAtMs: nowMs,
      blockedMs: 0,
      admits: true,
      onTrial: false,
      hasOwnQueue: false,
      queue: undefined,
      isDrained: false,
      obeysCordons: false,
      breaker: this.#newBreaker(id),
    }
    this.#instances.set(id, known)
    return known
  }

  #newBreaker(id: string): Breaker {
    const { agent, breaker, onTransition } = this.#options
    return new Breaker(breaker, `${agent}.${id}`, (state, because) => onTransition(id, state, because))
  }
}
