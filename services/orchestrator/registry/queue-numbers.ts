import type { Clock } from '#platform/clock/clock.ts'
import { type AgentView, OWN_QUEUES } from '#schemas/agent.ts'

export interface QueueNumbersDeps {
  clock: Pick<Clock, 'monotonicMs'>
  /** Instances as the registry knows them. */
  list: () => Promise<AgentView[]>
  /** Queues of a type in which something lies. */
  filled: (type: string) => Promise<ReadonlySet<number>>
}

/** A number that was given away shows in heartbeats after so long at the latest. Milliseconds. */
const SHOWN_AFTER_MS = 10_000
const MAX_GIVEN = 10_000

/**
 * Which queue of its own an instance takes from. Two that get the same number, from two orchestrators at the same moment, share the
 * queue: either does what is sent there, so nothing is lost by it.
 */
export class QueueNumbers {
  readonly #deps: QueueNumbersDeps
  /** Lately, by type and instance. */
  readonly #given = new Map<string, { type: string; instance: string; queue: number; atMs: number }>()

  constructor(deps: QueueNumbersDeps) {
    this.#deps = deps
  }

  /** The same as before where that is known; undefined: all are taken, or nobody knows which. */
  async assign(type: string, instance: string): Promise<number | undefined> {
    const [views, filled] = await Promise.all([
      this.#deps.list().catch(() => undefined),
      this.#deps.filled(type).catch(() => NONE),
    ])
    if (!views) return undefined
    // Nothing is waited for from here on: instances that start together ask together, and each has to see what the others were given.
    const holders = this.#holdersOf(type, views)
    const numbers = Array.from({ length: OWN_QUEUES }, (_, queue) => queue)
    const free = numbers.filter((one) => !holders.has(one))
    // What lies in the queue of one that died may be for its version alone: where it can be, nobody else gets it with the queue.
    const empty = free.find((one) => !filled.has(one)) ?? free[0]
    const queue = numbers.find((one) => holders.get(one) === instance) ?? empty
    const atMs = this.#deps.clock.monotonicMs()
    if (queue !== undefined) this.#given.set(`${type}.${instance}`, { type, instance, queue, atMs })
    return queue
  }

  /** Who has which number: as it was given away lately, or as heartbeats show it. */
  #holdersOf(type: string, views: readonly AgentView[]): Map<number, string> {
    const nowMs = this.#deps.clock.monotonicMs()
    const holders = new Map<number, string>()
    for (const [key, one] of this.#given)
      if (nowMs - one.atMs > SHOWN_AFTER_MS || this.#given.size > MAX_GIVEN) this.#given.delete(key)
      else if (one.type === type) holders.set(one.queue, one.instance)
    for (const view of views)
      if (view.type === type && view.status !== 'stopped' && view.queue !== undefined)
        holders.set(view.queue, view.instance)
    return holders
  }
}

const NONE: ReadonlySet<number> = new Set()
