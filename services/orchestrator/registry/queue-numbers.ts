import type { LockStore } from '#platform/locks/lock-store.ts'
import { type AgentView, OWN_QUEUES } from '#schemas/agent.ts'

export interface QueueNumbersDeps {
  /** Instances as the registry knows them. */
  list: () => Promise<AgentView[]>
  /** Queues of a type in which something lies. */
  filled: (type: string) => Promise<ReadonlySet<number>>
  /** Shared by all orchestrators. */
  locks: Pick<LockStore, 'acquire'>
}

/** A number that was given away shows in heartbeats after so long at the latest. Milliseconds. */
const SHOWN_AFTER_MS = 10_000

/**
 * Which queue of its own an instance takes from. A number is claimed where all orchestrators keep the registry, so that two never give it
 * to two instances; the claim ends by itself when heartbeats show it. Only a Redis that has lost its last writes may give one
 * twice: those two share the queue, and either does what is sent there, so nothing is lost by it.
 */
export class QueueNumbers {
  readonly #deps: QueueNumbersDeps

  constructor(deps: QueueNumbersDeps) {
    this.#deps = deps
  }

  /** The same as before where that is known; undefined: all are taken, or nobody knows which. */
  async assign(type: string, instance: string): Promise<number | undefined> {
    const [holders, filled] = await Promise.all([
      this.#holdersOf(type).catch(() => undefined),
      this.#deps.filled(type).catch(() => NONE),
    ])
    return holders && this.#claimFirst(type, instance, byPreference(instance, holders, filled)).catch(ignore)
  }

  /** The first that nobody else has. One after the other: what is claimed and not taken is kept from others for a while. */
  async #claimFirst(type: string, instance: string, numbers: readonly number[]): Promise<number | undefined> {
    for (const queue of numbers) if (await this.#claim(type, instance, queue)) return queue
    return undefined
  }

  async #claim(type: string, instance: string, queue: number): Promise<boolean> {
    const claim = { scope: `queue-numbers/${type}`, name: String(queue), owner: instance }
    const { kind } = await this.#deps.locks.acquire(claim, SHOWN_AFTER_MS)
    if (kind !== 'granted') return false
    // Another claim may have come and ended since the list was read: then its instance shows by now.
    const holder = (await this.#holdersOf(type)).get(queue)
    return holder === undefined || holder === instance
  }

  /** Who has which number, as heartbeats show it. */
  async #holdersOf(type: string): Promise<Map<number, string>> {
    const holders = new Map<number, string>()
    for (const view of await this.#deps.list())
      if (view.type === type && view.status !== 'stopped' && view.queue !== undefined)
        holders.set(view.queue, view.instance)
    return holders
  }
}

/**
 * Its own, then empty ones, then others that nobody has: what lies in the queue of one that died may be for its version alone, so
 * where it can be nobody else gets it with the queue. Pure.
 */
function byPreference(
  instance: string,
  holders: ReadonlyMap<number, string>,
  filled: ReadonlySet<number>,
): number[] {
  const numbers = Array.from({ length: OWN_QUEUES }, (_, queue) => queue)
  const own = numbers.filter((one) => holders.get(one) === instance)
  const free = numbers.filter((one) => !holders.has(one))
  return [...own, ...free.filter((one) => !filled.has(one)), ...free.filter((one) => filled.has(one))]
}

function ignore(): undefined {}

const NONE: ReadonlySet<number> = new Set()
