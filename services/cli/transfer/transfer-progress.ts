import type { Clock } from '#platform/clock/clock.ts'
import { formatBytes, progressBar } from '../output/quantities.ts'

/** Before this, a rate says more about the start than about the way. Milliseconds. */
const RATE_AFTER_MS = 500

/** How far a transfer is. */
export class TransferProgress {
  readonly #doing: string
  readonly #what: string
  readonly #size: number
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #fromMs: number
  #bytes = 0
  #movedAtMs: number

  /** @param doing `uploading` @param size bytes altogether */
  constructor(doing: string, what: string, size: number, clock: Pick<Clock, 'monotonicMs'>) {
    this.#doing = doing
    this.#what = what
    this.#size = size
    this.#clock = clock
    this.#fromMs = clock.monotonicMs()
    this.#movedAtMs = this.#fromMs
  }

  /** Bytes that are through. */
  get bytes(): number {
    return this.#bytes
  }

  /** How long nothing has moved. Milliseconds. */
  get stillMs(): number {
    return this.#clock.monotonicMs() - this.#movedAtMs
  }

  /** The same pieces, counted. */
  async *through(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this.#bytes += piece.length
      this.#movedAtMs = this.#clock.monotonicMs()
      yield piece
    }
    this.#movedAtMs = this.#clock.monotonicMs()
  }

  /** `uploading sales.csv ████░░░░░░  40 %  1.2 MiB of 3 MiB, 820 KiB/s` */
  text(): string {
    const fraction = this.#size === 0 ? 1 : Math.min(1, this.#bytes / this.#size)
    const percent = `${Math.floor(fraction * 100)} %`.padStart(5)
    const passedMs = this.#clock.monotonicMs() - this.#fromMs
    const rate =
      passedMs < RATE_AFTER_MS ? '' : `, ${formatBytes(Math.round((this.#bytes * 1000) / passedMs))}/s`
    const bytes = `${formatBytes(this.#bytes)} of ${formatBytes(this.#size)}`
    return `${this.#doing} ${this.#what} ${progressBar(fraction)} ${percent}  ${bytes}${rate}`
  }
}
