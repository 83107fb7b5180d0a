import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { LockStore } from '#platform/locks/lock-store.ts'
import type { Serving } from '#platform/nats/bus.ts'

/** Locks for agents, which have no credentials of Redis. Each tenant has locks of its own. */
export class LockApi implements Component {
  readonly name = 'lock services'
  readonly #bus: Serving
  readonly #store: LockStore
  #ends: (() => void)[] = []

  constructor(bus: Serving, store: LockStore) {
    this.#bus = bus
    this.#store = store
  }

  start(): void {
    const store = this.#store
    this.#ends = [
      this.#bus.serve('acquireLock', ({ tenant: scope, leaseMs, ...claim }) =>
        store.acquire({ scope, ...claim }, leaseMs),
      ),
      this.#bus.serve('renewLock', async ({ tenant: scope, leaseMs, ...grant }) => ({
        held: await store.renew({ scope, ...grant }, leaseMs),
      })),
      this.#bus.serve('releaseLock', async ({ tenant: scope, ...grant }) => ({
        held: await store.release({ scope, ...grant }),
      })),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }
}
