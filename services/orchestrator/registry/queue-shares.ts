/**
 * Of which types of tasks the steps of an agent are that are out, as far as the partitions owned here tell: queues know agents only.
 * Tasks are spread evenly over partitions, so it is about the same everywhere.
 */
export class QueueShares {
  readonly #out = new Map<string, Map<string, number>>()

  /** @param change 1: an attempt was dispatched; -1: a result of one has come */
  count(agent: string, type: string, change: 1 | -1): void {
    let types = this.#out.get(agent)
    if (!types) {
      types = new Map()
      this.#out.set(agent, types)
    }
    types.set(type, Math.max(0, (types.get(type) ?? 0) + change))
  }

  /** So many steps of an agent by type, in the proportion of those that are out; of no known type: `other`. */
  share(agent: string, steps: number): Map<string, number> {
    const out = [...(this.#out.get(agent) ?? [])].filter(([, count]) => count > 0)
    const total = out.reduce((sum, [, count]) => sum + count, 0)
    if (total === 0) return new Map([['other', steps]])
    return new Map(out.map(([type, count]) => [type, (steps * count) / total]))
  }
}
