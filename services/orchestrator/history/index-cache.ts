import type { SegmentIndex } from './segment-reader.ts'

/** Indexes of segments in memory, those that were used last, within so many bytes. */
export class IndexCache {
  readonly #maxBytes: number
  readonly #indexes = new Map<string, SegmentIndex>()
  /** On their way: whoever wants the same waits for it. */
  readonly #loading = new Map<string, Promise<SegmentIndex | undefined>>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get(key: string): SegmentIndex | undefined {
    const index = this.#indexes.get(key)
    if (!index) return undefined
    this.#indexes.delete(key)
    this.#indexes.set(key, index)
    return index
  }

  /** What is in memory, or comes from `read`. */
  async load(key: string, read: () => Promise<SegmentIndex | undefined>): Promise<SegmentIndex | undefined> {
    const known = this.get(key)
    if (known) return known
    let loading = this.#loading.get(key)
    if (!loading) {
      loading = read().finally(() => this.#loading.delete(key))
      this.#loading.set(key, loading)
    }
    const index = await loading
    if (index) this.put(key, index)
    return index
  }

  put(key: string, index: SegmentIndex): void {
    if (this.#indexes.has(key)) return
    this.#indexes.set(key, index)
    this.#bytes += index.bytes
    for (const [oldest, { bytes }] of this.#indexes) {
      if (this.#bytes <= this.#maxBytes || this.#indexes.size === 1) break
      this.#indexes.delete(oldest)
      this.#bytes -= bytes
    }
  }
}
