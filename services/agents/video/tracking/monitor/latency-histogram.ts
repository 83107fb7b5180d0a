import { z } from 'zod'
import { percentileBucket } from '#platform/statistics/percentile.ts'

/** Durations counted in buckets that are 5 % wide: small, exact enough for percentiles, and plain JSON. */
export const latencyHistogramSchema = z.object({
  /** [bucket, count], in any order. */
  counts: z.array(z.tuple([z.int(), z.int().min(1)])),
  /** The longest. Milliseconds. */
  max: z.number(),
})
export type LatencyHistogramState = z.infer<typeof latencyHistogramSchema>

const WIDTH = Math.log(1.05)
/** Shorter ones share a bucket. Milliseconds. */
const SHORTEST_MS = 0.1

export interface LatencyHistogram {
  /** Counts a duration; one below zero, by clocks that differ, as zero. Milliseconds. */
  record(ms: number): void
  /** Percentiles in milliseconds, at most 2.5 % off; all 0 when nothing was counted. */
  percentiles(): { p50: number; p95: number; p99: number; max: number }
  toJSON(): LatencyHistogramState
}

/** A histogram that goes on from a state. */
export function createLatencyHistogram(
  state: LatencyHistogramState = { counts: [], max: 0 },
): LatencyHistogram {
  const counts = new Map(state.counts)
  let { max } = state

  function percentile(share: number): number {
    const ascending = [...counts].sort(([a], [b]) => a - b)
    const bucket = percentileBucket(ascending, share)
    return bucket === undefined ? 0 : Math.min(max, SHORTEST_MS * Math.exp((bucket + 0.5) * WIDTH))
  }

  return {
    record(ms) {
      const bucket = Math.max(0, Math.floor(Math.log(Math.max(ms, SHORTEST_MS) / SHORTEST_MS) / WIDTH))
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
      max = Math.max(max, ms)
    },
    percentiles: () => ({ p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99), max }),
    toJSON: () => ({ counts: [...counts], max }),
  }
}
