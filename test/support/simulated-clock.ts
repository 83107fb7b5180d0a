import type { Clock } from '#platform/clock/clock.ts'

interface Timer {
  atMs: number
  fire: () => void
}

/** A clock without real time: `run` jumps from one thing that is due to the next, once nothing else is left to do. */
export class SimulatedClock implements Clock {
  #nowMs = 0
  #timers: Timer[] = []

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.at(this.#nowMs + ms, resolve)
      signal?.addEventListener('abort', () => {
        this.#timers = this.#timers.filter((other) => other !== timer)
        resolve()
      })
    })
  }

  at(atMs: number, fire: () => void): Timer {
    const timer = { atMs, fire }
    this.#timers.push(timer)
    return timer
  }

  /** @throws Error when nothing is due any more and the work has not ended, or it takes more than `maxTimers` */
  async run<Result>(work: Promise<Result>, maxTimers = 10_000): Promise<Result> {
    let isDone = false
    const mark = () => {
      isDone = true
    }
    work.then(mark, mark)
    for (let fired = 0; ; fired++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (isDone) return work
      const next = this.#timers.reduce<Timer | undefined>(
        (first, timer) => (first && first.atMs <= timer.atMs ? first : timer),
        undefined,
      )
      if (!next || fired === maxTimers) throw new Error(`the work does not end, at ${this.#nowMs} ms`)
      this.#timers = this.#timers.filter((other) => other !== next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.fire()
    }
  }
}
