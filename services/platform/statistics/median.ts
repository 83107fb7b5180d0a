/** Ascending copy. */
export function sortedCopy(values: ArrayLike<number>): Float64Array {
  return new Float64Array(values).sort()
}

/** @throws RangeError when there is no value. */
export function median(values: ArrayLike<number>): number {
  return medianInPlace(new Float64Array(values))
}

/** By selection, several times faster than sorting; reorders `values`. */
function medianInPlace(values: Float64Array): number {
  if (values.length === 0) throw new RangeError('a median needs at least one value')
  const half = values.length >> 1
  const upper = selectInPlace(values, half)
  if (values.length % 2 === 1) return upper
  // Selection leaves the smaller half in front.
  let lower = Number.NEGATIVE_INFINITY
  for (let i = 0; i < half; i++) lower = Math.max(lower, values[i]!)
  return lower === upper ? upper : lower / 2 + upper / 2
}

/** Scales the median absolute deviation to the standard deviation of normal data: 1 / 0.6745. */
export const MAD_TO_SD = 1.4826

/** Median of the absolute distances from `centre`, unscaled. */
export function medianAbsoluteDeviation(values: ArrayLike<number>, centre: number): number {
  const distances = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) distances[i] = Math.abs(values[i]! - centre)
  return medianInPlace(distances)
}

/**
 * The k-th smallest value (0-based) in expected O(n); reorders `values`. Hoare's selection with a median-of-three pivot.
 * simple-statistics' `quickselect` takes plain arrays only: for half a million slopes those cost several times as much.
 */
export function selectInPlace(values: Float64Array, k: number): number {
  let left = 0
  let right = values.length - 1
  while (left < right) {
    const pivot = medianOfThree(values[left]!, values[(left + right) >> 1]!, values[right]!)
    let i = left
    let j = right
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const swapped = values[i]!
      values[i++] = values[j]!
      values[j--] = swapped
    }
    if (k <= j) right = j
    else if (k >= i) left = i
    else break
  }
  return values[k]!
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

export interface Blocks {
  x: Float64Array
  y: Float64Array
  /** Position of each block's first point, and the number of points at the end: one longer than `x`. */
  starts: number[]
}

/**
 * Bounds the cost of quadratic methods: consecutive points are joined into at most `maxBlocks` blocks of nearly equal size,
 * each standing at the median of its x and of its y. Unlike a sample of the points this uses all of them, so little
 * precision is lost; unlike means, single outliers do not show. A line through the points is a line through the blocks.
 *
 * @param x ascending
 */
export function blockMedians(x: Float64Array, y: Float64Array, maxBlocks: number): Blocks {
  const count = Math.min(x.length, maxBlocks)
  const starts = Array.from({ length: count + 1 }, (_, i) => Math.floor((i * x.length) / count))
  if (count === x.length) return { x, y, starts }
  const blockOf = (values: Float64Array, i: number) => median(values.subarray(starts[i]!, starts[i + 1]!))
  return {
    x: Float64Array.from({ length: count }, (_, i) => blockOf(x, i)),
    y: Float64Array.from({ length: count }, (_, i) => blockOf(y, i)),
    starts,
  }
}
