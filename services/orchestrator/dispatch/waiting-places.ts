/** Waiting steps of all agent types, some 300 bytes each: 30 MB. */
export const MAX_WAITING = 100_000
/** So many of each type may wait whatever waits of others: nobody is held up by agents that are away. Less where there are many types. */
const OWN_WAITING = 1000

/** How many steps wait, and whether one more may. Pure but for its memory. */
export class WaitingPlaces {
  readonly #max: number
  /** Without agent types of which nothing waits. */
  readonly #of = new Map<string, number>()
  #total = 0

  /** @param max places of all agent types; beyond these each has some of its own */
  constructor(max: number = MAX_WAITING) {
    this.#max = max
  }

  /** Steps of all agent types. */
  get total(): number {
    return this.#total
  }

  hasRoom(agent: string): boolean {
    if (this.#total < this.#max) return true
    const own = this.#of.get(agent) ?? 0
    return own < Math.min(OWN_WAITING, this.#max / (this.#of.size + 1))
  }

  /** @param change how many more wait, or fewer */
  add(agent: string, change: number): void {
    this.#total += change
    const own = (this.#of.get(agent) ?? 0) + change
    if (own > 0) this.#of.set(agent, own)
    else this.#of.delete(agent)
  }
}
