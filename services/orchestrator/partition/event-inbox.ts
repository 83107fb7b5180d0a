import { countResults } from '#platform/json/result-batch.ts'
import type { RawEvent } from './decode-event.ts'

/** What may wait at most: so much is read ahead of the fold, and no more. */
const MAX_EVENTS = 4000
const MAX_BYTES = 16 * 1024 * 1024

/** What has been read from the log and not folded yet. One reader takes it in batches of whatever is there. */
export class EventInbox {
  #waiting: RawEvent[] = []
  #bytes = 0
  /** A batch of results counts as so many. */
  #events = 0
  #wake: (() => void) | undefined
  #closed = false
  #woken = false

  get isClosed(): boolean {
    return this.#closed
  }

  get size(): number {
    return this.#events
  }

  /** Messages that may be pushed now: as many as would be events if none of them were a batch. */
  get room(): number {
    return this.#bytes >= MAX_BYTES ? 0 : Math.max(0, MAX_EVENTS - this.#events)
  }

  push(event: RawEvent): void {
    this.#waiting.push(event)
    this.#bytes += event.data.length
    this.#events += countResults(event.data)
    this.#wake?.()
  }

  /**
   * All messages that have arrived, up to so many that have `max` events together, whole ones; waits for one at least. Empty when it was
   * woken, and once it is closed.
   */
  async take(max: number): Promise<RawEvent[]> {
    while (this.#waiting.length === 0 && !this.#closed && !this.#woken) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    this.#woken = false
    if (this.#closed) return []
    if (this.#events <= max) {
      const all = this.#waiting
      this.#waiting = []
      this.#bytes = 0
      this.#events = 0
      return all
    }
    let taken = 0
    let events = 0
    while (events < max && taken < this.#waiting.length) {
      const { data } = this.#waiting[taken++]!
      events += countResults(data)
      this.#bytes -= data.length
    }
    this.#events -= events
    return this.#waiting.splice(0, taken)
  }

  /** Whoever waits goes on with what there is. */
  wake(): void {
    this.#woken = true
    this.#wake?.()
  }

  close(): void {
    this.#closed = true
    this.#wake?.()
  }
}
