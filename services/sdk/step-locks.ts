import type { Clock } from '#platform/clock/clock.ts'
import type { Lease } from '#platform/locks/held-lock.ts'
import type { LockStore } from '#platform/locks/lock-store.ts'
import { Locks, type LocksDeps } from '#platform/locks/locks.ts'

export interface StepLocksDeps extends Pick<LocksDeps, 'newOwner' | 'random'> {
  store: LockStore
  clock: Clock
  tenant: string
}

/** Locks that a step has acquired: none outlives it. */
export class StepLocks extends Locks {
  readonly #held: Set<Lease>

  constructor({ tenant: scope, ...deps }: StepLocksDeps) {
    const held = new Set<Lease>()
    super({ ...deps, scope, onHeld: (lease) => held.add(lease) })
    this.#held = held
  }

  /**
   * The step is over: what it still holds is given back. What a handler that was left behind holds is told to it as lost, and given back when it
   * has ended, or with its lease: it may be writing yet.
   * @param lingering resolves when such a handler has ended
   */
  async end(lingering?: Promise<void>): Promise<void> {
    const held = [...this.#held]
    this.#held.clear()
    if (held.length === 0) return
    for (const lease of held) lease.abandon('its step is over')
    const release = () => Promise.all(held.map((lease) => lease.release()))
    if (lingering) void lingering.then(release)
    else await release()
  }
}
