import { randomUUID } from 'node:crypto'
import { LOCK_LEASE_MS, LOCK_NAME_PATTERN } from '#schemas/lock.ts'
import type { Clock } from '../clock/clock.ts'
import { MurmurError } from '../errors/murmur-error.ts'
import { type HeldLock, Lease } from './held-lock.ts'
import type { LockClaim, LockStore } from './lock-store.ts'

export interface LockOptions {
  /**
   * How long nobody else gets it when this process falls silent. Milliseconds, 1 s to 10 min, by default 15 s. While it lives it
   * renews the lease by itself.
   */
  leaseMs?: number
}

export interface WaitOptions extends LockOptions {
  /** How long to wait for others to give it back. Milliseconds, up to an hour, by default 30 s. */
  waitMs?: number
  /** Ends the waiting earlier: what it was aborted for is thrown. */
  signal?: AbortSignal
}

const LOCK_WAIT_MS = { default: 30_000, max: 3_600_000 }
/** Asked again at first; then after twice as long, and so on. */
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1000

export interface LocksDeps {
  store: LockStore
  clock: Clock
  /** Names of other scopes are other locks. */
  scope: string
  /** For tests: names owners, and spreads those who wait. */
  newOwner?: () => string
  random?: () => number
  /** Told of every lock that was acquired. */
  onHeld?: (lease: Lease) => void
}

/** Locks of one scope. A lock alone keeps nobody from writing late: its token does, where what is written to compares it. */
export class Locks {
  readonly #deps: LocksDeps

  constructor(deps: LocksDeps) {
    this.#deps = deps
  }

  /** The lock, or undefined when somebody has it. @throws MurmurError UNAVAILABLE, OVERLOADED; RangeError */
  async tryAcquire(name: string, options: LockOptions = {}): Promise<HeldLock | undefined> {
    return (await this.#attempt(this.#claim(name), leaseOf(options))).held
  }

  /**
   * Waits for the lock, and nobody's turn is kept: of several who wait, any may be next.
   * @throws MurmurError LOCK_HELD when others have had it all the time; UNAVAILABLE when nobody could say until then; RangeError
   */
  async acquire(name: string, options: WaitOptions = {}): Promise<HeldLock> {
    const { clock, random = Math.random } = this.#deps
    const claim = this.#claim(name)
    const leaseMs = leaseOf(options)
    const untilMs = clock.monotonicMs() + waitOf(options)
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      options.signal?.throwIfAborted()
      const { held, retryAfterMs, error } = await this.#attempt(claim, leaseMs).catch(whileAway)
      if (held) return this.#unlessAborted(held, options.signal)
      const leftMs = untilMs - clock.monotonicMs()
      if (leftMs <= 0) throw error ?? new MurmurError('LOCK_HELD', `others hold the lock "${name}"`)
      const spreadMs = pauseMs * (0.5 + random() / 2)
      await clock.sleep(Math.min(spreadMs, Math.max(1, retryAfterMs), leftMs), options.signal)
    }
  }

  /**
   * Does something while the lock is held, and gives it back. `held.signal` tells that it was lost meanwhile.
   * @throws what `acquire` and `work` throw
   */
  async withLock<T>(name: string, options: WaitOptions, work: (held: HeldLock) => Promise<T>): Promise<T> {
    const held = await this.acquire(name, options)
    try {
      return await work(held)
    } finally {
      await held.release()
    }
  }

  /** The same for all attempts to get it once: one that was granted, and its answer lost, is granted again. */
  #claim(name: string): LockClaim {
    const { scope, newOwner = randomUUID } = this.#deps
    if (LOCK_NAME_PATTERN.test(name)) return { scope, name, owner: newOwner() }
    throw new RangeError(
      `a lock's name must be 1 to 128 characters of A-Z a-z 0-9 _ . / : @ -, got "${name}"`,
    )
  }

  async #attempt(claim: LockClaim, leaseMs: number): Promise<Attempt> {
    const { store, clock, onHeld } = this.#deps
    const askedAtMs = clock.monotonicMs()
    const answer = await store.acquire(claim, leaseMs)
    if (answer.kind === 'held') return { retryAfterMs: answer.retryAfterMs }
    const lease = new Lease({ store, clock, leaseMs, askedAtMs, grant: { ...claim, token: answer.token } })
    if (!lease.isHeld()) {
      // This process stood still while the answer was on its way.
      await lease.release()
      return { retryAfterMs: 0 }
    }
    onHeld?.(lease)
    return { held: lease.start(), retryAfterMs: 0 }
  }

  async #unlessAborted(held: HeldLock, signal: AbortSignal | undefined): Promise<HeldLock> {
    if (!signal?.aborted) return held
    await held.release()
    throw signal.reason
  }
}

interface Attempt {
  held?: HeldLock
  retryAfterMs: number
  error?: MurmurError
}

/** Nobody answers, or there is no room: asked again as long as there is time. */
function whileAway(error: unknown): Attempt {
  if (error instanceof MurmurError && (error.code === 'UNAVAILABLE' || error.code === 'OVERLOADED'))
    return { retryAfterMs: error.retryAfterMs ?? LONGEST_PAUSE_MS, error }
  throw error
}

function leaseOf({ leaseMs = LOCK_LEASE_MS.default }: LockOptions): number {
  const { min, max } = LOCK_LEASE_MS
  if (Number.isInteger(leaseMs) && leaseMs >= min && leaseMs <= max) return leaseMs
  throw new RangeError(`leaseMs must be a whole number from ${min} to ${max}, got ${leaseMs}`)
}

function waitOf({ waitMs = LOCK_WAIT_MS.default }: WaitOptions): number {
  if (waitMs >= 0 && waitMs <= LOCK_WAIT_MS.max) return waitMs
  throw new RangeError(`waitMs must be from 0 to ${LOCK_WAIT_MS.max}, got ${waitMs}`)
}
