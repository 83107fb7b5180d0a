interface Node<Item> {
  score: number
  /** Of equal scores the first that came. */
  order: number
  item: Item
}

/** A binary heap: the lowest score first, equal ones in the order in which they came. O(log n). */
export class MinHeap<Item> {
  readonly #nodes: Node<Item>[] = []
  #counter = 0

  get size(): number {
    return this.#nodes.length
  }

  push(item: Item, score: number): void {
    const nodes = this.#nodes
    const node = { score, order: this.#counter++, item }
    let at = nodes.length
    nodes.push(node)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(node, nodes[parent]!)) break
      nodes[at] = nodes[parent]!
      at = parent
    }
    nodes[at] = node
  }

  peek(): Item | undefined {
    return this.#nodes[0]?.item
  }

  /** The score of what `peek` gives. */
  get lowest(): number | undefined {
    return this.#nodes[0]?.score
  }

  pop(): Item | undefined {
    const nodes = this.#nodes
    const first = nodes[0]
    const last = nodes.pop()
    if (first === undefined || last === undefined || nodes.length === 0) return first?.item
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= nodes.length) break
      if (child + 1 < nodes.length && isBefore(nodes[child + 1]!, nodes[child]!)) child++
      if (!isBefore(nodes[child]!, last)) break
      nodes[at] = nodes[child]!
      at = child
    }
    nodes[at] = last
    return first.item
  }

  clear(): void {
    this.#nodes.length = 0
  }
}

function isBefore<Item>(a: Node<Item>, b: Node<Item>): boolean {
  return a.score < b.score || (a.score === b.score && a.order < b.order)
}
