import { systemClock } from '../clock/clock.ts'
import { TokenBucket } from '../clock/token-bucket.ts'
import { newTrace, type SpanIdentity } from './traceparent.ts'

export interface SamplingConfig {
  /** Share of new traces that are recorded, 0 to 1. */
  traceRatio: number
  /** Of them, so many a second at most; 0 or absent: as many as come. A ratio of 1 asks for all, and gets all. */
  tracesPerSecond?: number | undefined
}

/**
 * Begins traces, and decides which of them are recorded: a share, and no more than so many a second. What recording costs is the same for every
 * trace; without the second bound it would take most from a process when that has most to do, and twenty traces a
 * second are more than anybody reads.
 */
export class TraceSampler {
  readonly #ratio: number
  readonly #rate: TokenBucket | undefined

  constructor({ traceRatio, tracesPerSecond = 0 }: SamplingConfig) {
    this.#ratio = traceRatio
    this.#rate = tracesPerSecond > 0 && traceRatio < 1 ? new TokenBucket(tracesPerSecond) : undefined
  }

  /** @param nowMs of a monotonic clock */
  newTrace(nowMs: number = systemClock.monotonicMs()): SpanIdentity {
    const identity = newTrace(this.#ratio)
    if (identity.sampled && this.#rate && !this.#rate.take(nowMs)) return { ...identity, sampled: false }
    return identity
  }
}
