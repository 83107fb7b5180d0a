import type { Acquisition, LockClaim, LockGrant, LockStore } from '#platform/locks/lock-store.ts'
import type { Calling } from '#platform/nats/bus.ts'

/** A renewal that takes longer is better asked again. */
const REQUEST_TIMEOUT_MS = 2000

/** Locks as an agent gets them: an orchestrator is asked, which keeps them in Redis. */
export class NatsLockStore implements LockStore {
  readonly #bus: Calling
  readonly #options: { agent: string; timeoutMs: number }

  constructor(bus: Calling, agent: string) {
    this.#bus = bus
    this.#options = { agent, timeoutMs: REQUEST_TIMEOUT_MS }
  }

  acquire({ scope: tenant, name, owner }: LockClaim, leaseMs: number): Promise<Acquisition> {
    return this.#bus.call('acquireLock', { tenant, name, owner, leaseMs }, this.#options)
  }

  async renew({ scope: tenant, name, owner, token }: LockGrant, leaseMs: number): Promise<boolean> {
    const request = { tenant, name, owner, token, leaseMs }
    return (await this.#bus.call('renewLock', request, this.#options)).held
  }

  async release({ scope: tenant, name, owner, token }: LockGrant): Promise<boolean> {
    return (await this.#bus.call('releaseLock', { tenant, name, owner, token }, this.#options)).held
  }
}
