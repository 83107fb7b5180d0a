import type { Clock } from '../clock/clock.ts'
import { MurmurError } from '../errors/murmur-error.ts'
import type { LockGrant, LockStore } from './lock-store.ts'

/** A lock that was acquired. It renews itself until it is released or lost. */
export interface HeldLock {
  readonly name: string
  /** Larger than those of all owners before: to be handed on with every write, so that what comes late can be refused. */
  readonly token: number
  /** Aborted with a MurmurError LOCK_LOST when it can't be counted on any more: stop what it is needed for. */
  readonly signal: AbortSignal
  /** Whether nobody else can have it just now, by this process's own monotonic clock; asks nobody. */
  isHeld(): boolean
  /** Gives it back; the signal is not aborted by it. What can't be told to the store ends with its lease. Never throws. */
  release(): Promise<void>
}

/** Renewed three times within a lease: two lost requests do no harm. */
const RENEWALS_A_LEASE = 3
const RETRIES_A_LEASE = 10
/**
 * Of a lease, so much is not counted on: clocks of two machines run apart by far less than a hundredth, and timers come late on a
 * machine that is busy.
 */
const MARGIN = 0.1

export interface LeaseDeps {
  store: LockStore
  clock: Clock
  grant: LockGrant
  leaseMs: number
  /** Before the request that was granted left, by the monotonic clock: its lease began then or later. Milliseconds. */
  askedAtMs: number
}

/** The lease of a lock: renews it, and knows until when it is safe to count on it. */
export class Lease implements HeldLock {
  readonly #deps: LeaseDeps
  readonly #lost = new AbortController()
  readonly #over = new AbortController()
  #validUntilMs: number
  #released = false

  constructor(deps: LeaseDeps) {
    this.#deps = deps
    this.#validUntilMs = validUntil(deps.askedAtMs, deps.leaseMs)
  }

  get name(): string {
    return this.#deps.grant.name
  }

  get token(): number {
    return this.#deps.grant.token
  }

  get signal(): AbortSignal {
    return this.#lost.signal
  }

  isHeld(): boolean {
    return !this.#released && !this.signal.aborted && this.#deps.clock.monotonicMs() < this.#validUntilMs
  }

  /** Begins to renew it. */
  start(): this {
    void this.#renew()
    void this.#watch()
    return this
  }

  /** Counts it as lost: it is not renewed any more, and ends with its lease. */
  abandon(why: string): void {
    this.#markLost(why)
  }

  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    this.#over.abort()
    // Also when it was lost: it may have been the answer alone that was.
    await this.#deps.store.release(this.#deps.grant).catch(() => false)
  }

  async #renew(): Promise<void> {
    const { store, clock, grant, leaseMs } = this.#deps
    let waitMs = leaseMs / RENEWALS_A_LEASE
    for (;;) {
      await clock.sleep(waitMs, this.#over.signal)
      if (this.#over.signal.aborted) return
      const askedAtMs = clock.monotonicMs()
      // What has ended is somebody else's, perhaps: to renew it now would take it from them.
      if (askedAtMs >= this.#validUntilMs) return
      try {
        if (!(await store.renew(grant, leaseMs))) return this.#markLost('somebody else has it')
        this.#validUntilMs = Math.max(this.#validUntilMs, validUntil(askedAtMs, leaseMs))
        waitMs = leaseMs / RENEWALS_A_LEASE
      } catch {
        waitMs = leaseMs / RETRIES_A_LEASE
      }
    }
  }

  /** Apart from the renewals, which may hang. */
  async #watch(): Promise<void> {
    const { clock } = this.#deps
    for (;;) {
      const leftMs = this.#validUntilMs - clock.monotonicMs()
      if (leftMs <= 0) return this.#markLost('its lease has ended without being renewed')
      await clock.sleep(leftMs, this.#over.signal)
      if (this.#over.signal.aborted) return
    }
  }

  #markLost(why: string): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    this.#lost.abort(new MurmurError('LOCK_LOST', `the lock "${this.name}" is lost: ${why}`))
  }
}

function validUntil(askedAtMs: number, leaseMs: number): number {
  return askedAtMs + leaseMs * (1 - MARGIN)
}
