import type { Clock } from '#platform/clock/clock.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'

/** Polls something, one poll at a time, for as long as it is started. The first poll is over when it has started. */
export abstract class Poller implements Component {
  abstract readonly name: string
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #stopping = new AbortController()
  #done: Promise<void> = Promise.resolve()

  /** @param intervalMs between the end of a poll and the next one. Milliseconds */
  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock
    this.#intervalMs = intervalMs
  }

  /** Must not reject: what can't be seen now may be seen next time. */
  protected abstract poll(): Promise<void>

  async start(): Promise<void> {
    await this.poll()
    this.#done = this.#watch()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#done
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.#clock.sleep(this.#intervalMs, signal)
      if (!signal.aborted) await this.poll()
    }
  }
}
