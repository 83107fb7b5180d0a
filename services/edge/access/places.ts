/** How much of something each of many has, bounded for each. Who has nothing is not remembered. */
export class Places {
  readonly #taken = new Map<string, number>()

  /** @returns what is taken by `key` now */
  of(key: string): number {
    return this.#taken.get(key) ?? 0
  }

  /**
   * @param count how many places; one unless given
   * @returns gives them back, however often it is called; undefined when `key` would have more than `max`
   */
  take(key: string, max: number, count = 1): (() => void) | undefined {
    const taken = this.of(key) + count
    if (taken > max) return undefined
    this.#taken.set(key, taken)
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      this.giveBack(key, count)
    }
  }

  giveBack(key: string, count: number): void {
    const left = this.of(key) - count
    if (left > 0) this.#taken.set(key, left)
    else this.#taken.delete(key)
  }
}
