import { compareSeverity, type Severity } from '#schemas/watch-rule.ts'

/** What decides who is next. */
export interface Urgency {
  severity: Severity
  /** Sequence number in the stream: the smaller one is older. */
  seq: number
}

/** Negative when `a` goes first: the more severe one, of equals the older one. Pure. */
export function byUrgency(a: Urgency, b: Urgency): number {
  return compareSeverity(a.severity, b.severity) || a.seq - b.seq
}

/** A binary heap, the most urgent on top. */
export class UrgencyQueue<Item extends Urgency> {
  readonly #items: Item[] = []

  get size(): number {
    return this.#items.length
  }

  push(item: Item): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (byUrgency(items[above]!, item) <= 0) break
      items[at] = items[above]!
      at = above
    }
    items[at] = item
  }

  /** Takes the most urgent one out; undefined when there is none. */
  pop(): Item | undefined {
    const [first] = this.#items
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) this.#sink(last)
    return first
  }

  /** All that wait, in no order. */
  values(): readonly Item[] {
    return this.#items
  }

  /** Takes all out, in no order. */
  drain(): Item[] {
    return this.#items.splice(0)
  }

  /** Puts an item in from the top: what is more urgent moves up. */
  #sink(item: Item): void {
    const items = this.#items
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= items.length) break
      if (below + 1 < items.length && byUrgency(items[below + 1]!, items[below]!) < 0) below++
      if (byUrgency(item, items[below]!) <= 0) break
      items[at] = items[below]!
      at = below
    }
    items[at] = item
  }
}
