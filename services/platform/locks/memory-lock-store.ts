import type { Clock } from '../clock/clock.ts'
import { MurmurError } from '../errors/murmur-error.ts'
import {
  type Acquisition,
  type LockClaim,
  type LockGrant,
  type LockStore,
  MAX_LOCKS_A_SCOPE,
} from './lock-store.ts'

interface Scope {
  lastToken: number
  readonly held: Map<string, { owner: string; token: number; untilMs: number }>
}

/** Locks of one process, for tests and for handlers that run without a broker: the same decisions as in Redis, by a clock that can be turned. */
export class MemoryLockStore implements LockStore {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #maxLocks: number
  readonly #scopes = new Map<string, Scope>()
  /** No two calls happen within the same microsecond, as in Redis, also where a test's clock stands still. */
  #lastUs = 0

  constructor(clock: Pick<Clock, 'nowMs'>, { maxLocks = MAX_LOCKS_A_SCOPE } = {}) {
    this.#clock = clock
    this.#maxLocks = maxLocks
  }

  /** Forgets everything, as a Redis that is emptied. */
  flush(): void {
    this.#scopes.clear()
  }

  async acquire({ scope: scopeName, name, owner }: LockClaim, leaseMs: number): Promise<Acquisition> {
    const nowMs = this.#clock.nowMs()
    const scope = this.#scopeOf(scopeName, nowMs)
    const held = scope.held.get(name)
    if (held && held.owner !== owner) return { kind: 'held', retryAfterMs: held.untilMs - nowMs }
    if (!held && scope.held.size >= this.#maxLocks) {
      const firstMs = Math.min(...[...scope.held.values()].map(({ untilMs }) => untilMs))
      throw new MurmurError('OVERLOADED', `${this.#maxLocks} locks are held in "${scopeName}"`, {
        retryAfterMs: Math.max(1, firstMs - nowMs),
      })
    }
    const token = held?.token ?? Math.max(scope.lastToken + 1, this.#nowUs(nowMs))
    scope.lastToken = Math.max(scope.lastToken, token)
    scope.held.set(name, { owner, token, untilMs: nowMs + leaseMs })
    return { kind: 'granted', token }
  }

  async renew({ scope: scopeName, name, owner, token }: LockGrant, leaseMs: number): Promise<boolean> {
    const nowMs = this.#clock.nowMs()
    const scope = this.#scopeOf(scopeName, nowMs)
    const held = scope.held.get(name)
    if (held ? !isOf(held, { owner, token }) : scope.lastToken >= token) return false
    scope.lastToken = Math.max(scope.lastToken, token)
    scope.held.set(name, { owner, token, untilMs: nowMs + leaseMs })
    return true
  }

  async release({ scope: scopeName, name, owner, token }: LockGrant): Promise<boolean> {
    const held = this.#scopes.get(scopeName)?.held
    const found = held?.get(name)
    if (found?.owner !== owner || found.token !== token) return false
    return held!.delete(name)
  }

  #nowUs(nowMs: number): number {
    this.#lastUs = Math.max(this.#lastUs + 1, nowMs * 1000)
    return this.#lastUs
  }

  #scopeOf(name: string, nowMs: number): Scope {
    let scope = this.#scopes.get(name)
    if (!scope) {
      scope = { lastToken: 0, held: new Map() }
      this.#scopes.set(name, scope)
    }
    for (const [lock, { untilMs }] of scope.held) if (untilMs <= nowMs) scope.held.delete(lock)
    return scope
  }
}

/** Whether a lock is that of a grant: of its owner, or of one whose grant came before it and was known again after a loss. */
function isOf(held: { owner: string; token: number }, grant: { owner: string; token: number }): boolean {
  return held.owner === grant.owner ? held.token === grant.token : held.token < grant.token
}
