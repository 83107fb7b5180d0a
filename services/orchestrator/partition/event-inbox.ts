import type { RawEvent } from './decode-event.ts'

/** What may wait at most: so much is read ahead of the fold, and no more. */
const MAX_EVENTS = 4000
const MAX_BYTES = 16 * 1024 * 1024

/** What has been read from the log and not folded yet. One reader takes it in batches of whatever is there. */
export class EventInbox {
  #waiting: RawEvent[] = []
  #bytes = 0
  #wake: (() => void) | undefined
  #closed = false
  #woken = false

  get isClosed(): boolean {
    return this.#closed
  }

  get size(): number {
    return this.#waiting.length
  }

  /** Events that may be pushed now. */
  get room(): number {
    return this.#bytes >= MAX_BYTES ? 0 : Math.max(0, MAX_EVENTS - this.#waiting.length)
  }

  push(event: RawEvent): void {
    this.#waiting.push(event)
    this.#bytes += event.data.length
    this.#wake?.()
  }

  /** Everything that has arrived, up to `max`; waits for one at least. Empty when it was woken, and once it is closed. */
  async take(max: number): Promise<RawEvent[]> {
    while (this.#waiting.length === 0 && !this.#closed && !this.#woken) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    this.#woken = false
    if (this.#closed) return []
    const batch = this.#waiting.length <= max ? this.#waiting : this.#waiting.splice(0, max)
    if (batch === this.#waiting) {
      this.#waiting = []
      this.#bytes = 0
    } else for (const event of batch) this.#bytes -= event.data.length
    return batch
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
