interface Call {
  atMs: number
  isBad: boolean
  isSlow: boolean
}

/** The last calls, bounded by count and by age: a ring, with the sums kept beside it. O(1) a call. */
export class CallWindow {
  readonly #windowMs: number
  readonly #ring: (Call | undefined)[]
  #first = 0
  #size = 0
  #bad = 0
  #slow = 0

  constructor({ windowMs, maxCalls }: { windowMs: number; maxCalls: number }) {
    this.#windowMs = windowMs
    this.#ring = new Array<Call | undefined>(maxCalls)
  }

  add(call: Call): void {
    this.#expire(call.atMs)
    if (this.#size === this.#ring.length) this.#shift()
    this.#ring[(this.#first + this.#size++) % this.#ring.length] = call
    this.#bad += Number(call.isBad)
    this.#slow += Number(call.isSlow)
  }

  /** Shares of the calls that count at this time; 0 of none. */
  rates(nowMs: number): { calls: number; failureRate: number; slowRate: number } {
    this.#expire(nowMs)
    const calls = this.#size
    const of = Math.max(1, calls)
    return { calls, failureRate: this.#bad / of, slowRate: this.#slow / of }
  }

  clear(): void {
    while (this.#size > 0) this.#shift()
  }

  #expire(nowMs: number): void {
    while (this.#size > 0 && nowMs - this.#ring[this.#first]!.atMs > this.#windowMs) this.#shift()
  }

  #shift(): void {
    const oldest = this.#ring[this.#first]!
    this.#ring[this.#first] = undefined
    this.#first = (this.#first + 1) % this.#ring.length
    this.#size--
    this.#bad -= Number(oldest.isBad)
    this.#slow -= Number(oldest.isSlow)
  }
}
