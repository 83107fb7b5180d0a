import type { RawEvent } from './decode-event.ts'

/** What has been read from the log and not folded yet. One reader takes it in batches of whatever is there. */
export class EventInbox {
  #waiting: RawEvent[] = []
  #wake: (() => void) | undefined
  #closed = false

  get size(): number {
    return this.#waiting.length
  }

  push(event: RawEvent): void {
    this.#waiting.push(event)
    this.#wake?.()
  }

  /** Everything that has arrived, up to `max`; waits for one at least. Empty once it is closed. */
  async take(max: number): Promise<RawEvent[]> {
    while (this.#waiting.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    if (this.#closed) return []
    if (this.#waiting.length <= max) {
      const all = this.#waiting
      this.#waiting = []
      return all
    }
    return this.#waiting.splice(0, max)
  }

  close(): void {
    this.#closed = true
    this.#wake?.()
  }
}
