import { median, selectInPlace } from '#platform/statistics/median.ts'
import { Z_95 } from './probability.ts'

export interface SlopeLine {
  slope: number
  /** Value of the line at x = 0. */
  intercept: number
  /** Of the slope. `varianceOfS` is that of Mann–Kendall's s for the same points. */
  interval(varianceOfS: number): { low: number; high: number }
}

/**
 * Theil–Sen line: the median of the slopes of all pairs with different x, and the median of y − slope · x; the 95 %
 * interval of the slope after Sen (1968) by order statistics of the slopes. O(n²) time and memory in the number of
 * points: callers bound it (see `blockMedians`).
 *
 * @returns null when all x are equal.
 */
export function theilSen(x: ArrayLike<number>, y: ArrayLike<number>): SlopeLine | null {
  const slopes = pairwiseSlopes(x, y)
  const count = slopes.length
  if (count === 0) return null
  const upper = selectInPlace(slopes, count >> 1)
  const slope = count % 2 === 1 ? upper : (upper + selectInPlace(slopes, (count >> 1) - 1)) / 2
  const offsets = new Float64Array(x.length)
  for (let i = 0; i < offsets.length; i++) offsets[i] = y[i]! - slope * x[i]!
  return {
    slope,
    intercept: median(offsets),
    interval(varianceOfS) {
      const halfWidth = Z_95 * Math.sqrt(varianceOfS)
      const low = Math.max(0, Math.round((count - halfWidth) / 2) - 1)
      const high = Math.min(count - 1, Math.round((count + halfWidth) / 2))
      return { low: selectInPlace(slopes, low), high: selectInPlace(slopes, high) }
    },
  }
}

function pairwiseSlopes(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  const slopes = new Float64Array((x.length * (x.length - 1)) / 2)
  let count = 0
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j++) {
      const run = x[j]! - x[i]!
      if (run !== 0) slopes[count++] = (y[j]! - y[i]!) / run
    }
  }
  return slopes.subarray(0, count)
}
