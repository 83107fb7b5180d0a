type Action = () => void | Promise<void>

interface Entry {
  atMs: number
  order: number
  action: Action
}

/** Virtual time: what is to happen, the earliest first; what is to happen at the same moment, in the order in which it was said. */
export class Timeline {
  nowMs: number
  #order = 0
  /** A binary heap. */
  readonly #entries: Entry[] = []

  constructor(startMs: number) {
    this.nowMs = startMs
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  in(delayMs: number, action: Action): void {
    this.at(this.nowMs + delayMs, action)
  }

  at(atMs: number, action: Action): void {
    const entry = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, action }
    const entries = this.#entries
    let at = entries.push(entry) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(entry, entries[above]!)) break
      entries[at] = entries[above]!
      at = above
    }
    entries[at] = entry
  }

  /** Lets the next thing happen, whole. */
  async step(): Promise<void> {
    const next = this.#take()
    this.nowMs = next.atMs
    await next.action()
  }

  #take(): Entry {
    const entries = this.#entries
    const first = entries[0]!
    const last = entries.pop()!
    if (entries.length === 0) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= entries.length) break
      if (below + 1 < entries.length && isBefore(entries[below + 1]!, entries[below]!)) below++
      if (!isBefore(entries[below]!, last)) break
      entries[at] = entries[below]!
      at = below
    }
    entries[at] = last
    return first
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
