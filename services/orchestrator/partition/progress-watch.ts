import type { Check } from '#platform/telemetry/health-server.ts'

/** Without moving although there is something to do, for so long, a partition counts as stuck. */
const STUCK_AFTER_MS = 5000

/** Knows since when a partition has not moved although it should. Times are passed in. */
export class ProgressWatch {
  readonly #partition: number
  #movedAtMs: number
  #trouble = ''

  constructor(partition: number, nowMs: number) {
    this.#partition = partition
    this.#movedAtMs = nowMs
  }

  /** Something was done, or there is nothing to do. */
  moved(nowMs: number): void {
    this.#movedAtMs = nowMs
    this.#trouble = ''
  }

  /** What stood in the way last. */
  onTrouble(what: string): void {
    this.#trouble = what
  }

  /** Milliseconds; 0 as long as all is well. */
  stuckMs(nowMs: number): number {
    const sinceMs = nowMs - this.#movedAtMs
    return sinceMs > STUCK_AFTER_MS ? sinceMs : 0
  }

  check(lagEvents: number, nowMs: number): Check {
    const stuckMs = this.stuckMs(nowMs)
    if (stuckMs === 0) return { ok: true, detail: `partition ${this.#partition} moves` }
    const why = this.#trouble === '' ? '' : `: ${this.#trouble}`
    const detail = `partition ${this.#partition} has not moved for ${Math.round(stuckMs / 1000)} s, ${lagEvents} events wait${why}`
    return { ok: false, detail }
  }
}
