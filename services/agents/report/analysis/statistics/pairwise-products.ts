import { rankInOrder } from '#platform/statistics/rank.ts'

/** A column scaled so that sums of products are coefficients; 0 where missing. */
export interface StandardisedColumn {
  /** Mid-ranks less their mean. */
  ranks: Float64Array
  /** Squared distance of the ranks from the middle one, less its mean: high at both ends. */
  ends: Float64Array
  present: Uint8Array
  /** How many values are present. */
  count: number
}

/**
 * @param values by unit; NaN where missing
 * @param order units that have a value, ascending by it
 */
export function standardisedColumn(values: Float64Array, order: Uint32Array): StandardisedColumn {
  const count = order.length
  const { ranks } = rankInOrder(values, order)
  const present = new Uint8Array(values.length)
  const ends = new Float64Array(values.length)
  let sum = 0
  for (const unit of order) {
    present[unit] = 1
    ranks[unit]! -= (count + 1) / 2
    ends[unit] = ranks[unit]! ** 2
    sum += ends[unit]!
  }
  for (const unit of order) ends[unit]! -= sum / count
  return { ranks, ends, present, count }
}

/** Coefficients of two columns over the units that have both. */
export interface PairProducts {
  n: number
  /** Close to Spearman's; exactly it where neither column misses values. */
  together: number
  /** How far `b` is high (or low) at both ends of `a`, and the other way round. */
  bAtEndsOfA: number
  aAtEndsOfB: number
}

/** Nothing is sorted or ranked again: one pass. NaN where a side has no spread. */
export function pairProducts(a: StandardisedColumn, b: StandardisedColumn, withEnds: boolean): PairProducts {
  const complete = a.count === a.present.length && b.count === b.present.length
  const n = complete ? a.count : commonCount(a.present, b.present)
  return {
    n,
    together: product({ values: a.ranks, of: a }, { values: b.ranks, of: b }),
    bAtEndsOfA: withEnds ? product({ values: a.ends, of: a }, { values: b.ranks, of: b }) : Number.NaN,
    aAtEndsOfB: withEnds ? product({ values: a.ranks, of: a }, { values: b.ends, of: b }) : Number.NaN,
  }
}

interface Side {
  values: Float64Array
  of: StandardisedColumn
}

function product(a: Side, b: Side): number {
  let products = 0
  let squaresA = 0
  let squaresB = 0
  const n = a.values.length
  for (let i = 0; i < n; i++) {
    const x = a.values[i]!
    const y = b.values[i]!
    products += x * y
    squaresA += x * x * b.of.present[i]!
    squaresB += y * y * a.of.present[i]!
  }
  return Math.max(-1, Math.min(1, products / Math.sqrt(squaresA * squaresB)))
}

function commonCount(a: Uint8Array, b: Uint8Array): number {
  let count = 0
  for (let i = 0; i < a.length; i++) count += a[i]! & b[i]!
  return count
}
