/**
 * Emissions that are under way, in the order of their batches. The next batches are folded meanwhile, but only so many:
 * when the broker is slow the partition waits for it. `watermark` is the offset up to which everything is out.
 */
export class EmissionWindow {
  readonly #limit: number
  readonly #underWay: Promise<void>[] = []
  #watermark: number
  #failure: unknown

  constructor(watermark: number, limit: number) {
    this.#watermark = watermark
    this.#limit = limit
  }

  get watermark(): number {
    return this.#watermark
  }

  /**
   * Adds the emission of the batch that ends at `offset`; resolves when there is room for another.
   * @throws what an earlier emission failed with
   */
  async add(offset: number, emission: Promise<void>): Promise<void> {
    const before = this.#underWay.at(-1)
    const inOrder = Promise.all([before, emission]).then(
      () => {
        this.#underWay.shift()
        if (this.#failure === undefined) this.#watermark = offset
      },
      (error: unknown) => {
        this.#underWay.shift()
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
