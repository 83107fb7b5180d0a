/** A rate: so many a second, and so many at once after a pause. Time comes in, of one monotonic clock. Milliseconds. */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #atMs = Number.NEGATIVE_INFINITY

  /** @param burst by default what comes in one second, and one at least */
  constructor(perSecond: number, burst = Math.max(1, perSecond)) {
    this.#perMs = perSecond / 1000
    this.#burst = burst
    this.#tokens = burst
  }

  /** Takes one if there is one. */
  take(nowMs: number): boolean {
    this.#fill(nowMs)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** When there is one, if nobody takes any before; now or earlier when there is one already. */
  readyAtMs(nowMs: number): number {
    this.#fill(nowMs)
    // Rounding must not let it be a hair too early: it would be asked again at once.
    return this.#tokens >= 1 ? nowMs : nowMs + Math.ceil((1 - this.#tokens) / this.#perMs)
  }

  /** As one that was never used. */
  isFull(nowMs: number): boolean {
    this.#fill(nowMs)
    return this.#tokens >= this.#burst
  }

  #fill(nowMs: number): void {
    if (nowMs <= this.#atMs) return
    const passedMs = nowMs - this.#atMs
    if (Number.isFinite(passedMs)) this.#tokens = Math.min(this.#burst, this.#tokens + passedMs * this.#perMs)
    this.#atMs = nowMs
  }
}
