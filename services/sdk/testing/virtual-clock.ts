import type { Clock } from '#platform/clock/clock.ts'

interface Timer {
  dueMs: number
  fire(): void
}

/** Time that passes only when it is told to. Who sleeps until the same moment is woken in the order in which they went to sleep. */
export class VirtualClock implements Clock {
  readonly #startMs: number
  readonly #timers = new Set<Timer>()
  #nowMs: number

  /** @param startMs Unix milliseconds */
  constructor(startMs: number) {
    this.#startMs = startMs
    this.#nowMs = startMs
  }

  readonly nowMs = (): number => this.#nowMs

  readonly monotonicMs = (): number => this.#nowMs - this.#startMs

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const fire = () => {
        this.#timers.delete(timer)
        signal?.removeEventListener('abort', fire)
        resolve()
      }
      const timer = { dueMs: this.#nowMs + Math.max(0, ms), fire }
      this.#timers.add(timer)
      signal?.addEventListener('abort', fire, { once: true })
    })
  }

  /** When the next sleep is over. Unix ms; Infinity: nobody sleeps. */
  get nextMs(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { dueMs } of this.#timers) next = Math.min(next, dueMs)
    return next
  }

  /** It is that late now, and whoever slept until then is woken. Never goes back. Unix ms */
  turnTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs)
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= this.#nowMs)
    for (const { fire } of due.sort((a, b) => a.dueMs - b.dueMs)) fire()
  }
}
