/**
 * How a percentile of n sorted values is read off, after Hyndman & Fan (1996) and with NumPy's names:
 *
 * - `linear` (type 7, the default of R and NumPy): at the position (n − 1) · share, between two values in proportion.
 * - `lower`: the value at or before that position.
 * - `nearest-rank` (type 1): the smallest value that at least this share of the values do not exceed.
 *
 * The last two always give a value that was measured.
 */
export type PercentileMethod = 'linear' | 'lower' | 'nearest-rank'

/**
 * A percentile of values that are sorted already. Pure.
 *
 * @param sorted ascending, at least one value
 * @param share 0 to 1: 0.95 for the 95th percentile
 * @throws RangeError when there is no value or the share is outside
 */
export function percentile(
  sorted: ArrayLike<number>,
  share: number,
  method: PercentileMethod = 'linear',
): number {
  if (sorted.length === 0) throw new RangeError('a percentile needs at least one value')
  assertShare(share)
  if (method === 'nearest-rank') return sorted[nearestRank(sorted.length, share) - 1]!
  const position = (sorted.length - 1) * share
  const below = Math.floor(position)
  const low = sorted[below]!
  if (method === 'lower') return low
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  // Weighted, not low + f · (high − low): the difference of two large values of opposite sign overflows.
  const fraction = position - below
  return low === high ? low : low * (1 - fraction) + high * fraction
}

/**
 * The bucket of a histogram that holds a percentile by nearest rank; undefined when nothing was counted. Pure.
 *
 * @param buckets each with its count, ascending
 * @param share 0 to 1
 * @throws RangeError when the share is outside
 */
export function percentileBucket<Bucket>(
  buckets: Iterable<readonly [Bucket, number]>,
  share: number,
): Bucket | undefined {
  assertShare(share)
  const counted = [...buckets].filter(([, count]) => count > 0)
  const total = counted.reduce((sum, [, count]) => sum + count, 0)
  let left = nearestRank(total, share)
  for (const [bucket, count] of counted) {
    left -= count
    if (left <= 0) return bucket
  }
  return undefined
}

/** 1-based. */
function nearestRank(count: number, share: number): number {
  return Math.max(1, Math.ceil(count * share))
}

function assertShare(share: number): void {
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(`the share of a percentile must be between 0 and 1, got ${share}`)
  }
}
