/** How many steps wait for room, by agent type: of all partitions of this process together. */
export class ParkedCount {
  readonly #waiting = new Map<string, number>()

  add(agent: string, change: number): void {
    this.#waiting.set(agent, Math.max(0, this.of(agent) + change))
  }

  of(agent: string): number {
    return this.#waiting.get(agent) ?? 0
  }

  /** Every agent type that something has waited for. */
  entries(): Iterable<[string, number]> {
    return this.#waiting
  }
}
