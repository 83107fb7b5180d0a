import type { Clock } from '#platform/clock/clock.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'

export interface DueWorkDeps {
  /** The broker's: no machine's clock decides when something starts. */
  clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>
}

export interface DueWorkOptions<Item> {
  name: string
  /** How late something is at most for want of a look. Milliseconds. */
  tickMs: number
  /** What is worked on at the same time; the rest has its turn with the next ticks. */
  maxBusy: number
  /** Everything that there is, by its key. */
  items: () => Iterable<readonly [key: string, item: Item]>
  /** Here and now: what is in the partition of somebody else is not. */
  isDue: (item: Item, nowMs: number) => boolean
  /** Must not reject. */
  work: (item: Item) => Promise<void>
}

/**
 * Does what becomes due at some time: looks at everything again and again, and works on each thing once at a time. That two orchestrators may
 * think that it is theirs has to do no harm.
 */
export class DueWork<Item> implements Component {
  readonly name: string
  readonly #deps: DueWorkDeps
  readonly #options: DueWorkOptions<Item>
  readonly #busy = new Map<string, Promise<void>>()
  /** Not looked at before this, on `monotonicMs`. */
  readonly #notBefore = new Map<string, number>()
  readonly #stopping = new AbortController()
  #loop: Promise<void> = Promise.resolve()

  constructor(deps: DueWorkDeps, options: DueWorkOptions<Item>) {
    this.name = options.name
    this.#deps = deps
    this.#options = options
  }

  start(): void {
    this.#loop = this.#run()
  }

  /** Nothing more is begun; what is under way is finished. */
  async quiesce(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    await Promise.all(this.#busy.values())
  }

  /** It is looked at again after so long, and not before. Milliseconds. */
  again(key: string, afterMs: number): void {
    this.#notBefore.set(key, this.#deps.clock.monotonicMs() + afterMs)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.#deps.clock.sleep(this.#options.tickMs, signal)
      if (!signal.aborted) this.#tick()
    }
  }

  #tick(): void {
    const { clock } = this.#deps
    const { items, isDue, work, maxBusy } = this.#options
    const nowMs = clock.nowMs()
    const monotonicMs = clock.monotonicMs()
    for (const [key, atMs] of this.#notBefore) if (atMs <= monotonicMs) this.#notBefore.delete(key)
    for (const [key, item] of items()) {
      if (this.#busy.size >= maxBusy) return
      if (this.#busy.has(key) || this.#notBefore.has(key) || !isDue(item, nowMs)) continue
      this.#busy.set(
        key,
        work(item).finally(() => this.#busy.delete(key)),
      )
    }
  }
}
