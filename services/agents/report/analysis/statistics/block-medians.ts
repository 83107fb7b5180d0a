import { median } from './quantile.ts'

export interface Blocks {
  x: Float64Array
  y: Float64Array
  /** Position of each block's first point, and the number of points at the end: one longer than `x`. */
  starts: number[]
}

/**
 * Bounds the cost of quadratic methods: consecutive points are joined into at most `most` blocks of nearly equal size,
 * each standing at the median of its x and of its y. Unlike a sample of the points this uses all of them, so little
 * precision is lost; unlike means, single outliers do not show. A line through the points is a line through the blocks.
 *
 * @param x ascending
 */
export function blockMedians(x: Float64Array, y: Float64Array, most: number): Blocks {
  const count = Math.min(x.length, most)
  const starts = Array.from({ length: count + 1 }, (_, i) => Math.floor((i * x.length) / count))
  if (count === x.length) return { x, y, starts }
  const blockOf = (values: Float64Array, i: number) => median(values.subarray(starts[i]!, starts[i + 1]!))
  return {
    x: Float64Array.from({ length: count }, (_, i) => blockOf(x, i)),
    y: Float64Array.from({ length: count }, (_, i) => blockOf(y, i)),
    starts,
  }
}
