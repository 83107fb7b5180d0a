/**
 * Emissions that are under way, in the order of their batches. The next batches are folded meanwhile, but only so many:
 * when the broker is slow the partition waits for it. `watermark` is the offset up to which everything is out: what waits for
 * room elsewhere keeps it back.
 */
export class EmissionWindow {
  readonly #limit: number
  readonly #underWay: Promise<void>[] = []
  readonly #heldFrom: () => number | undefined
  #watermark: number
  #failure: unknown

  /** @param heldFrom the first position in the log whose commands wait for room */
  constructor(watermark: number, limit: number, heldFrom: () => number | undefined = () => undefined) {
    this.#watermark = watermark
    this.#limit = limit
    this.#heldFrom = heldFrom
  }

  /** The offset up to which all that was begun is out, but for what waits for room: that is made again from states. */
  get sent(): number {
    return this.#watermark
  }

  get watermark(): number {
    const heldFrom = this.#heldFrom()
    return heldFrom === undefined ? this.#watermark : Math.min(this.#watermark, heldFrom - 1)
  }

  /**
   * Adds the emission of the batch that ends at `offset`; resolves when there is room for another.
   * @throws what an earlier emission failed with
   */
  async add(offset: number, emission: Promise<void>): Promise<void> {
    const before = this.#underWay.at(-1)
    const inOrder = Promise.all([before, emission]).then(
      () => {
        void this.#underWay.shift()
        if (this.#failure === undefined) this.#watermark = offset
      },
      (error: unknown) => {
        void this.#underWay.shift()
        this.#failure ??= error
      },
    )
    this.#underWay.push(inOrder)
    while (this.#underWay.length >= this.#limit) await this.#underWay[0]
    if (this.#failure !== undefined) throw this.#failure
  }

  /**
   * Resolves when nothing is under way.
   * @throws what an emission failed with
   */
  async settled(): Promise<void> {
    await this.#underWay.at(-1)
    if (this.#failure !== undefined) throw this.#failure
  }
}
