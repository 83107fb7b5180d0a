import type { Clock } from '#platform/clock/clock.ts'

/** Failures that an address may have at once, and then one each… */
const BURST = 60
const INTERVAL_MS = 1000
const MAX_ADDRESSES = 10_000

/** Keeps addresses from guessing credentials, and from having tokens verified for nothing. In the memory of one edge, and bounded. */
export class FailureThrottle {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  /** When the address would have no failures left: always moved to the end, so that the oldest are first. */
  readonly #fullAtMs = new Map<string, number>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** Milliseconds that the address has to wait; 0: it may try. */
  waitMs(address: string): number {
    const fullAtMs = this.#fullAtMs.get(address) ?? 0
    return Math.max(0, Math.ceil(fullAtMs - this.#clock.monotonicMs() - (BURST - 1) * INTERVAL_MS))
  }

  failed(address: string): void {
    const fullAtMs = Math.max(this.#clock.monotonicMs(), this.#fullAtMs.get(address) ?? 0) + INTERVAL_MS
    this.#fullAtMs.delete(address)
    this.#fullAtMs.set(address, fullAtMs)
    if (this.#fullAtMs.size > MAX_ADDRESSES) this.#fullAtMs.delete(this.#fullAtMs.keys().next().value!)
  }
}
