import type { Clock } from '../clock/clock.ts'

const WINDOW_MS = 1000

/** So many lines a second: what says the same again and again must not fill the log, or slow what it is about. */
export class LineBudget {
  readonly #perSecond: number
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #windowAtMs = Number.NEGATIVE_INFINITY
  #used = 0

  constructor(perSecond: number, clock: Pick<Clock, 'monotonicMs'>) {
    this.#perSecond = perSecond
    this.#clock = clock
  }

  /** Whether one more may be written. */
  take(): boolean {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#windowAtMs >= WINDOW_MS) {
      this.#windowAtMs = nowMs
      this.#used = 0
    }
    return this.#used++ < this.#perSecond
  }
}
