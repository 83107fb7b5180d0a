import { MurmurError } from '../errors/murmur-error.ts'
import {
  type Acquisition,
  type LockClaim,
  type LockGrant,
  type LockStore,
  MAX_LOCKS_A_SCOPE,
} from '../locks/lock-store.ts'
import { type Redis, readScript } from './redis.ts'

const ACQUIRE = readScript('murmurAcquireLock', new URL('./acquire-lock.lua', import.meta.url))
const RENEW = readScript('murmurRenewLock', new URL('./renew-lock.lua', import.meta.url))
const RELEASE = readScript('murmurReleaseLock', new URL('./release-lock.lua', import.meta.url))

/** A scope in which nothing is locked for so long is forgotten. By then its clock is beyond every token that it gave. */
const KEPT_MS = 24 * 3600 * 1000

/**
 * Leases in Redis. A fencing token is the larger of the last token plus one, and the microseconds of Redis' clock. The clock alone
 * makes a later token larger after Redis was emptied or lost its last writes: no token is ever ahead of it, since a Redis grants less
 * than one lock in a microsecond. The counter makes it larger when the clock was set back. Both have to happen together, within the time by
 * which the clock was set back, for a token to be too small (decision 22).
 */
export class RedisLockStore implements LockStore {
  readonly #redis: Pick<Redis, 'script'>
  readonly #maxLocks: number

  constructor(redis: Pick<Redis, 'script'>, { maxLocks = MAX_LOCKS_A_SCOPE } = {}) {
    this.#redis = redis
    this.#maxLocks = maxLocks
  }

  async acquire({ scope, name, owner }: LockClaim, leaseMs: number): Promise<Acquisition> {
    const args = [name, owner, leaseMs, this.#maxLocks, KEPT_MS]
    const [granted, value] = (await this.#redis.script(ACQUIRE, keysOf(scope), args)) as [number, number]
    if (granted === 1) return { kind: 'granted', token: value }
    if (granted === 0) return { kind: 'held', retryAfterMs: value }
    throw new MurmurError('OVERLOADED', `${this.#maxLocks} locks are held in "${scope}", as many as may be`, {
      retryAfterMs: value,
    })
  }

  async renew({ scope, name, owner, token }: LockGrant, leaseMs: number): Promise<boolean> {
    return (await this.#redis.script(RENEW, keysOf(scope), [name, owner, token, leaseMs, KEPT_MS])) === 1
  }

  async release({ scope, name, owner, token }: LockGrant): Promise<boolean> {
    const [leases, owners] = keysOf(scope)
    return (await this.#redis.script(RELEASE, [leases, owners], [name, `${token} ${owner}`])) === 1
  }
}

/** Side by side also in a cluster. */
function keysOf(scope: string): [leases: string, owners: string, lastToken: string] {
  const root = `murmur:{locks:${scope}}`
  return [`${root}:leases`, `${root}:owners`, `${root}:token`]
}
