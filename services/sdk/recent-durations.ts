const KEPT = 32
/** Fewer say nothing yet. */
const ENOUGH = 8

/** How long the last runs took. */
export class RecentDurations {
  readonly #ring: number[] = []
  #next = 0
  #median: number | undefined

  add(durationMs: number): void {
    this.#ring[this.#next] = durationMs
    this.#next = (this.#next + 1) % KEPT
    this.#median = undefined
  }

  /** Milliseconds; undefined until there were eight. */
  get medianMs(): number | undefined {
    if (this.#ring.length < ENOUGH) return undefined
    this.#median ??= this.#ring.toSorted((a, b) => a - b)[this.#ring.length >> 1]
    return this.#median
  }
}
