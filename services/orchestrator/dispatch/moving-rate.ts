const SPAN_MS = 1000

/** How many a second, lately. Time comes in. */
export class MovingRate {
  #count = 0
  #atMs = 0

  add(nowMs: number): void {
    this.#count = this.perSecond(nowMs) + 1
    this.#atMs = nowMs
  }

  perSecond(nowMs: number): number {
    return this.#count * Math.exp(-Math.max(0, nowMs - this.#atMs) / SPAN_MS)
  }
}

/** The mean of what came lately: each value moves it by a tenth. */
export class MovingAverage {
  #value: number | undefined

  add(value: number): void {
    this.#value = this.#value === undefined ? value : 0.9 * this.#value + 0.1 * value
  }

  /** @param unknown before anything came */
  value(unknown: number): number {
    return this.#value ?? unknown
  }
}

/** The highest of what came lately: it fades to a third in two seconds. */
export class FadingPeak {
  #value = 0
  #atMs = 0

  add(value: number, nowMs: number): void {
    this.#value = Math.max(value, this.value(nowMs))
    this.#atMs = nowMs
  }

  value(nowMs: number): number {
    return this.#value * Math.exp(-Math.max(0, nowMs - this.#atMs) / (2 * SPAN_MS))
  }
}
