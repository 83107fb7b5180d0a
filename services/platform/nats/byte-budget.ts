interface Waiting {
  bytes: number
  start: () => void
}

/**
 * So many bytes at the same time, and no more: whoever wants more than is left waits, in the order of asking. What is larger than
 * the whole budget waits until it has all of it for itself.
 */
export class ByteBudget {
  readonly #maxBytes: number
  readonly #waiting: Waiting[] = []
  #used = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes set aside just now. */
  get used(): number {
    return this.#used
  }

  /** Does something while so many bytes are set aside for it. @throws what `work` throws */
  async use<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const share = Math.min(bytes, this.#maxBytes)
    if (this.#waiting.length > 0 || this.#used + share > this.#maxBytes)
      await new Promise<void>((start) => this.#waiting.push({ bytes: share, start }))
    else this.#used += share
    try {
      return await work()
    } finally {
      this.#used -= share
      this.#startWaiting()
    }
  }

  #startWaiting(): void {
    for (
      let [next] = this.#waiting;
      next && this.#used + next.bytes <= this.#maxBytes;
      [next] = this.#waiting
    ) {
      this.#waiting.shift()
      this.#used += next.bytes
      next.start()
    }
  }
}
