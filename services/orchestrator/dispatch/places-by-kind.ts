export interface PlacesOptions {
  /** Places of all kinds together. */
  max: number
  /** So many each kind has whatever others take, beyond those; less where there are many kinds. */
  own: number
}

/** Places that several kinds share: what there is much of leaves some to each other kind. Pure but for its memory. */
export class PlacesByKind {
  readonly #options: PlacesOptions
  /** Without kinds that take none. */
  readonly #of = new Map<string, number>()
  #total = 0

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  /** What all kinds take. */
  get total(): number {
    return this.#total
  }

  /** How many more one kind may take; one at least where it has none. */
  roomFor(kind: string): number {
    const { max, own } = this.#options
    const taken = this.#of.get(kind)
    const kinds = this.#of.size + (taken === undefined ? 1 : 0)
    return Math.max(0, max - this.#total, Math.ceil(Math.min(own, max / kinds)) - (taken ?? 0))
  }

  /** @param change how many more are taken, or fewer */
  add(kind: string, change: number): void {
    this.#total += change
    const taken = (this.#of.get(kind) ?? 0) + change
    if (taken > 0) this.#of.set(kind, taken)
    else this.#of.delete(kind)
  }

  /** All are free again. */
  clear(): void {
    this.#of.clear()
    this.#total = 0
  }
}
