import { rankInOrder } from '#platform/statistics/rank.ts'
import { mean } from './moments.ts'

/** A column ready to be paired with any other of the same rows. */
export interface PairableColumn {
  /** By row, less the column's mean; NaN where missing. */
  centred: Float64Array
  /** Rows that have a value, ascending by it. */
  order: Uint32Array
  /** Mid-ranks by row among all values. */
  ranks: Float64Array
}

export interface PairedCoefficients {
  /** Rows that have both values. */
  n: number
  pearson: number
  spearman: number
}

/**
 * @param byRow a value for each row, NaN where missing
 * @param order rows that have a value, ascending by it
 */
export function pairableColumn(byRow: Float64Array, order: Uint32Array): PairableColumn {
  const centre = order.length === 0 ? 0 : mean(presentOf(byRow))
  const centred = new Float64Array(byRow.length)
  for (let row = 0; row < byRow.length; row++) centred[row] = byRow[row]! - centre
  return { centred, order, ranks: rankInOrder(centred, order).ranks }
}

/**
 * Pearson's and Spearman's coefficient over the common rows in O(n): nothing is sorted again, ranks among the common
 * rows come from walking the known order.
 *
 * @returns null with fewer than two common rows, or when either side has no spread there.
 */
export function pairedCoefficients(a: PairableColumn, b: PairableColumn): PairedCoefficients | null {
  const common = commonRows(a, b)
  const pearson = coefficient(a.centred, b.centred, common)
  // Where the other side has a value in all rows of one, the ranks of that one stay as they are.
  const ranksOf = (side: PairableColumn, other: PairableColumn) =>
    common.length === side.order.length ? side.ranks : ranksAmong(side, other)
  const spearman = coefficient(ranksOf(a, b), ranksOf(b, a), common)
  return pearson === null || spearman === null ? null : { n: common.length, pearson, spearman }
}

function presentOf(byRow: Float64Array): Float64Array {
  const present = new Float64Array(byRow.length)
  let count = 0
  for (let row = 0; row < byRow.length; row++) {
    if (!Number.isNaN(byRow[row]!)) present[count++] = byRow[row]!
  }
  return present.subarray(0, count)
}

function commonRows(a: PairableColumn, b: PairableColumn): Uint32Array {
  const rows = new Uint32Array(a.centred.length)
  let count = 0
  // NaN + anything is NaN, and nothing else is: infinities do not occur.
  for (let row = 0; row < rows.length; row++) {
    if (!Number.isNaN(a.centred[row]! + b.centred[row]!)) rows[count++] = row
  }
  return rows.subarray(0, count)
}

function ranksAmong(side: PairableColumn, other: PairableColumn): Float64Array {
  const kept = new Uint32Array(side.order.length)
  let count = 0
  for (const row of side.order) if (!Number.isNaN(other.centred[row]!)) kept[count++] = row
  return rankInOrder(side.centred, kept.subarray(0, count)).ranks
}

function coefficient(a: Float64Array, b: Float64Array, rows: Uint32Array): number | null {
  const n = rows.length
  if (n < 2) return null
  let sumA = 0
  let sumB = 0
  for (let i = 0; i < n; i++) {
    sumA += a[rows[i]!]!
    sumB += b[rows[i]!]!
  }
  let squaresA = 0
  let squaresB = 0
  let products = 0
  for (let i = 0; i < n; i++) {
    const da = a[rows[i]!]! - sumA / n
    const db = b[rows[i]!]! - sumB / n
    squaresA += da * da
    squaresB += db * db
    products += da * db
  }
  const rounding = (sum: number) => n * (Math.abs(sum / n) * 1e-15) ** 2
  // Equal values leave only the rounding of their mean.
  if (squaresA <= rounding(sumA) || squaresB <= rounding(sumB)) return null
  return Math.max(-1, Math.min(1, products / (Math.sqrt(squaresA) * Math.sqrt(squaresB))))
}
