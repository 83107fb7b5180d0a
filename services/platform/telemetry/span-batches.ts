/** What a batch goes to. Calls back once. */
export interface BatchSink<Item> {
  export(items: Item[], done: (taken: boolean) => void): void
}

export interface SpanBatchesOptions {
  /** Told how many were taken, or not: not delivered, or not kept because too many waited. */
  onExported?: ((outcome: 'sent' | 'failed', items: number) => void) | undefined
  /** Waiting at most; what comes then is dropped. */
  maxQueued: number
  /** In one batch at most; as many are sent at once. */
  maxBatch: number
  /** What is fewer is sent after so long. Milliseconds. */
  delayMs: number
}

/**
 * Spans on their way out, in batches, one batch at a time: while a collector is slow they wait, and what does not fit is dropped
 * and counted. What is done for one span here is one push; the writing happens for a whole batch, in a turn of the event loop of its own.
 */
export class SpanBatches<Item> {
  readonly #sink: BatchSink<Item>
  readonly #options: SpanBatchesOptions
  #queued: Item[] = []
  #timer: NodeJS.Timeout | undefined
  #isSoon = false
  #isSending = false

  constructor(sink: BatchSink<Item>, options: SpanBatchesOptions) {
    this.#sink = sink
    this.#options = options
  }

  add(item: Item): void {
    const { maxQueued, onExported } = this.#options
    if (this.#queued.length >= maxQueued) onExported?.('failed', 1)
    else if (this.#queued.push(item) === 1 || this.#queued.length === this.#options.maxBatch) this.#plan()
  }

  /** Sends all that waits, without waiting for batches that are out. Resolves when each was taken or not. */
  async flush(): Promise<void> {
    const batches: Promise<void>[] = []
    while (this.#queued.length > 0) batches.push(this.#send())
    await Promise.all(batches)
  }

  #plan(): void {
    if (this.#isSending) return
    const { maxBatch, delayMs } = this.#options
    if (this.#queued.length >= maxBatch) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      if (this.#isSoon) return
      this.#isSoon = true
      setImmediate(() => {
        this.#isSoon = false
        void this.#sendNext()
      })
    } else if (this.#queued.length > 0 && this.#timer === undefined) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        void this.#sendNext()
      }, delayMs)
      this.#timer.unref()
    }
  }

  async #sendNext(): Promise<void> {
    if (this.#isSending || this.#queued.length === 0) return
    this.#isSending = true
    await this.#send()
    this.#isSending = false
    this.#plan()
  }

  #send(): Promise<void> {
    const { maxBatch, onExported } = this.#options
    const batch = this.#queued.length <= maxBatch ? this.#queued : this.#queued.slice(0, maxBatch)
    this.#queued = this.#queued.length <= maxBatch ? [] : this.#queued.slice(maxBatch)
    return new Promise((resolve) => {
      const settle = (taken: boolean) => {
        onExported?.(taken ? 'sent' : 'failed', batch.length)
        resolve()
      }
      try {
        this.#sink.export(batch, settle)
      } catch {
        settle(false)
      }
    })
  }
}
