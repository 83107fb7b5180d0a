import type { Clock } from '#platform/clock/clock.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'

/** Looks at something again and again, one look at a time, for as long as it is started. The first look is over when it has started. */
export abstract class RegularLook implements Component {
  abstract readonly name: string
  readonly #clock: Clock
  readonly #everyMs: number
  readonly #stopping = new AbortController()
  #done: Promise<void> = Promise.resolve()

  /** @param everyMs between the end of a look and the next one. Milliseconds */
  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock
    this.#everyMs = everyMs
  }

  /** Must not reject: what can't be seen now may be seen next time. */
  protected abstract look(): Promise<void>

  async start(): Promise<void> {
    await this.look()
    this.#done = this.#watch()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#done
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.#clock.sleep(this.#everyMs, signal)
      if (!signal.aborted) await this.look()
    }
  }
}
