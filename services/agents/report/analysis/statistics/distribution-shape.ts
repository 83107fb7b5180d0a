import { percentile } from '#platform/statistics/percentile.ts'
import type { NumericSummary } from '#schemas/analysis.ts'

/** Half width of the 99 % band of the octile skewness of symmetric data, times √n; from simulation of normal data. */
const SKEWNESS_NOISE = 3.4
const MIN_SKEWNESS = 0.15
/** (q97.5 − q2.5) / (q87.5 − q12.5): 1.70 for the normal distribution, 2.24 for Student's t with 3 degrees. */
const HEAVY_TAIL_RATIO = 2.05

/**
 * Names the shape of a sample. Skewness and tails are judged by quantiles (Hinkley's octile skewness and a tail ratio):
 * moments would call any sample with one wild value skewed and heavy-tailed.
 *
 * @param sorted ascending
 * @param excessKurtosis G2 of the same values, null where undefined
 */
export function distributionShape(
  sorted: Float64Array,
  excessKurtosis: number | null,
): NumericSummary['distribution'] {
  const n = sorted.length
  if (n > 1 && sorted[0] === sorted[n - 1]) return 'constant'
  if (n < 8) return 'too few values'
  if (isBimodal(sorted)) return 'bimodal'
  const q = (p: number) => percentile(sorted, p)
  const width = q(0.875) - q(0.125)
  if (width > 0) {
    const skewness = (q(0.875) - q(0.5) - (q(0.5) - q(0.125))) / width
    const bound = Math.max(MIN_SKEWNESS, SKEWNESS_NOISE / Math.sqrt(n))
    if (skewness > bound) return 'right-skewed'
    if (skewness < -bound) return 'left-skewed'
  }
  const heavy = n >= 20 && q(0.975) - q(0.025) > HEAVY_TAIL_RATIO * width
  return heavy && (excessKurtosis ?? 0) > 1 ? 'heavy-tailed' : 'symmetric'
}

const MIN_VALUES = 50
/** Between the peaks, so that a window of a tenth of their distance to each side holds several. */
const MIN_DISTINCT = 25
const MIN_SHARE = 0.1
/** The valley may hold at most this share of the lower peak, and the difference must exceed 4 Poisson deviations. */
const VALLEY_DEPTH = 0.6
const VALLEY_DEVIATIONS = 4

/**
 * Two classes with a valley between them: the split with the least squared distance to two centres (exact in one
 * dimension), then counts in equally wide windows at the lower peak and at the emptiest place between the peaks.
 * Columns of few distinct values have valleys between any two of them and are never called bimodal.
 */
function isBimodal(sorted: Float64Array): boolean {
  const n = sorted.length
  if (n < MIN_VALUES) return false
  const split = bestTwoClasses(sorted)
  if (Math.min(split, n - split) < MIN_SHARE * n) return false
  const low = percentile(sorted.subarray(0, split), 0.5)
  const high = percentile(sorted.subarray(split), 0.5)
  const between = sorted.subarray(countBelow(sorted, low), countBelow(sorted, high))
  if (distinctUpTo(between, MIN_DISTINCT) < MIN_DISTINCT) return false
  const halfWidth = (high - low) / 10
  const around = (centre: number) =>
    countBelow(sorted, centre + halfWidth) - countBelow(sorted, centre - halfWidth)
  const peak = Math.min(around(low), around(high))
  let valley = Number.POSITIVE_INFINITY
  for (let i = 2; i <= 18; i++) valley = Math.min(valley, around(low + ((high - low) * i) / 20))
  return valley < VALLEY_DEPTH * peak && peak - valley > VALLEY_DEVIATIONS * Math.sqrt(peak + valley)
}

function distinctUpTo(sorted: Float64Array, max: number): number {
  let distinct = 1
  for (let i = 1; i < sorted.length && distinct < max; i++) if (sorted[i] !== sorted[i - 1]) distinct++
  return distinct
}

/** First position of the upper class. Sums are taken from the median, so that a large offset cancels beforehand. */
function bestTwoClasses(sorted: Float64Array): number {
  const n = sorted.length
  const centre = percentile(sorted, 0.5)
  let total = 0
  for (const value of sorted) total += value - centre
  let best = { at: 1, between: -1 }
  let lower = 0
  for (let at = 1; at < n; at++) {
    lower += sorted[at - 1]! - centre
    const between = lower ** 2 / at + (total - lower) ** 2 / (n - at)
    if (between > best.between) best = { at, between }
  }
  return best.at
}

function countBelow(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
