/** Lines that are kept; beyond them those that are over are forgotten. */
const MAX_LINES = 1000

/**
 * When each of those who are refused should come again: one after the other, as there will be room. Told the same moment, all but the first would be
 * refused again. A forecast and no reservation: who comes in between is let in where there is room. Pure but for its memory; the time comes in.
 */
export class RetryLine {
  readonly #longestMs: number
  readonly #lastAtMs = new Map<string, number>()

  /** @param longestMs nobody is told to wait for longer: who would have to asks again then */
  constructor(longestMs: number) {
    this.#longestMs = longestMs
  }

  /**
   * @param line those who wait for the same thing
   * @param firstMs when there is room for the first of them
   * @param everyMs for one more after that
   * @returns milliseconds to wait
   */
  join(line: string, nowMs: number, { firstMs, everyMs }: { firstMs: number; everyMs: number }): number {
    const atMs = Math.max(nowMs + firstMs, (this.#lastAtMs.get(line) ?? Number.NEGATIVE_INFINITY) + everyMs)
    if (atMs > nowMs + this.#longestMs) return Math.max(firstMs, this.#longestMs)
    if (this.#lastAtMs.size >= MAX_LINES) this.#forgetOver(nowMs)
    if (this.#lastAtMs.size < MAX_LINES) this.#lastAtMs.set(line, atMs)
    return Math.round(atMs - nowMs)
  }

  #forgetOver(nowMs: number): void {
    for (const [line, atMs] of this.#lastAtMs) if (atMs <= nowMs) this.#lastAtMs.delete(line)
  }
}
