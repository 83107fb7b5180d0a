import type { Streams } from '#platform/nats/streams.ts'
import { STREAMS } from '#subjects/streams.ts'

const { name: LOG } = STREAMS.log
/** What was found for a moment is good enough for one that is later by so much. Milliseconds. */
const REUSED_MS = 1000

/** Finds places of the log by time, for all partitions of a process: in some twenty questions, or none. */
export class LogTimes {
  readonly #streams: Pick<Streams, 'facts' | 'placeFrom'>
  #found: { created: string; untilMs: number; seq: Promise<number> } | undefined

  constructor(streams: Pick<Streams, 'facts' | 'placeFrom'>) {
    this.#streams = streams
  }

  /**
   * A sequence number up to which the log has been stored by a moment, the last one or a little before. What was purged was stored before.
   * @param untilMs by the broker's clock. Unix milliseconds
   * @throws Error when nobody answers
   */
  async lastBefore(untilMs: number): Promise<number> {
    const { created, firstSeq, lastSeq } = await this.#streams.facts(LOG)
    const known = this.#found
    const isKnown = known?.created === created && known.untilMs <= untilMs
    if (isKnown && untilMs - known.untilMs < REUSED_MS) return known.seq
    const from = isKnown ? known.seq : Promise.resolve(0)
    const seq = from.then((least) => this.#search(untilMs, Math.max(least, firstSeq - 1), lastSeq))
    this.#found = { created, untilMs, seq }
    seq.catch(() => {
      this.#found = undefined
    })
    return seq
  }

  async #search(untilMs: number, from: number, to: number): Promise<number> {
    let [low, high] = [from, to]
    // Most often nothing has come since.
    for (let middle = high; low < high; middle = Math.floor((low + high + 1) / 2)) {
      const place = await this.#streams.placeFrom(LOG, middle)
      if (place && place.storedAtMs <= untilMs) low = Math.max(middle, Math.min(place.seq, high))
      else high = middle - 1
    }
    return low
  }
}
