import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { SharedStringList } from './read-xlsx.ts'
import { LARGE_SHEET_LIMITS } from './sheet-limits.ts'

const BLOCK_BYTES = 4 * 1024 * 1024
/** Texts that many cells share come first: programs number them as they meet them. */
const DECODED = 50_000
const MIB = 1024 * 1024

/** The texts that the cells of a large workbook share, as UTF-8 in few blocks: a third of what strings of their own take. */
export class StringTable implements SharedStringList {
  readonly #maxBytes: number
  readonly #blocks: Buffer[] = []
  /** Of each text: its block, where it begins in it, and its bytes. */
  #places = new Uint32Array(3 * 1024)
  readonly #decoded: string[] = []
  #count = 0
  #used = BLOCK_BYTES
  #bytes = 0

  constructor({ maxBytes = LARGE_SHEET_LIMITS.sharedStringBytes }: { maxBytes?: number } = {}) {
    this.#maxBytes = maxBytes
  }

  /** @throws MurmurError LIMIT_EXCEEDED when all are too long together */
  push(text: string): void {
    if (this.#count < DECODED) this.#decoded.push(text)
    const length = Buffer.byteLength(text)
    this.#bytes += length
    if (this.#bytes > this.#maxBytes) {
      const limit = Math.round(this.#maxBytes / MIB)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `the texts of the workbook take more than ${limit} MiB; save each sheet as CSV and send that`,
      )
    }
    if (this.#used + length > (this.#blocks.at(-1)?.length ?? 0)) {
      this.#blocks.push(Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length)))
      this.#used = 0
    }
    this.#blocks.at(-1)!.write(text, this.#used)
    const at = 3 * this.#count++
    if (at + 3 > this.#places.length) {
      const places = new Uint32Array(2 * this.#places.length)
      places.set(this.#places)
      this.#places = places
    }
    this.#places.set([this.#blocks.length - 1, this.#used, length], at)
    this.#used += length
  }

  at(index: number): string | undefined {
    if (index < DECODED) return this.#decoded[index]
    if (!(index < this.#count)) return undefined
    const [block = 0, start = 0, length = 0] = this.#places.subarray(3 * index, 3 * index + 3)
    return this.#blocks[block]!.toString('utf8', start, start + length)
  }
}
