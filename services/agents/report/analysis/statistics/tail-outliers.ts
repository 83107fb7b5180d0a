import { median, sortedCopy } from '#platform/statistics/median.ts'
import { heaviestStudentFit, studentExceedance } from './student-fit.ts'

/** Values of one tail that stand apart from it. */
export interface TailOutliers {
  /** Indexes, farthest first. */
  indexes: number[]
  /** That the tail would hold as many so far out by chance; 1 or less. */
  pValue: number
}

const TAIL_SHARE = 0.25
const MIN_TAIL = 8
/** Exceptions of a tail; what is more is a part of the distribution. */
const MAX_OUTLIERS = 5
const MAX_SHARE = 0.02

/** Beyond, every so-manieth value is looked at when a distribution is fitted. */
const MAX_FITTED = 2_000
/** The longer of both sides, from the median to the 5th and 95th percentile, to the shorter. */
const MAX_ASYMMETRY = 1.67

/**
 * Values beyond the tails that the data have. Symmetric values without many ties are judged by the heaviest Student t that the rest
 * allow, others by each tail alone.
 *
 * @param residuals around 0
 */
export function tailOutliers(residuals: Float64Array): TailOutliers[] {
  const ascending = sortedCopy(residuals)
  if (isSymmetric(ascending)) return [symmetricOutliers(residuals)]
  return [
    upperTailOutliers(residuals, ascending.toReversed()),
    upperTailOutliers(
      residuals.map((value) => -value),
      ascending.map((value) => -value),
    ),
  ].map(({ indexes, pValue }) => ({ indexes, pValue: Math.min(1, 2 * pValue) }))
}

function isSymmetric(sorted: Float64Array): boolean {
  let distinct = Math.min(1, sorted.length)
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) distinct++
  if (distinct < sorted.length / 2) return false
  const centre = median(sorted)
  const edge = Math.floor(0.05 * sorted.length)
  const [low, high] = [centre - sorted[edge]!, sorted[sorted.length - 1 - edge]! - centre]
  return Math.max(low, high) <= MAX_ASYMMETRY * Math.min(low, high)
}

function symmetricOutliers(residuals: Float64Array): TailOutliers {
  const n = residuals.length
  const most = Math.max(1, Math.min(MAX_OUTLIERS, Math.floor(MAX_SHARE * n)))
  const distances = residuals.map(Math.abs)
  const sorted = sortedCopy(distances)
  const order: number[] = []
  distances.forEach((distance, i) => {
    if (distance >= sorted[n - most]!) order.push(i)
  })
  order.sort((i, j) => distances[j]! - distances[i]!)
  let best: TailOutliers = { indexes: [], pValue: 1 }
  for (let count = 1; count <= most; count++) {
    const every = Math.ceil((n - count) / MAX_FITTED)
    const rest = sorted.subarray(0, n - count).filter((_, k) => k % every === 0)
    const fit = heaviestStudentFit(rest)
    const share = studentExceedance(Math.abs(residuals[order[count - 1]!]!), fit)
    const pValue = Math.min(1, share * n * 2 ** count)
    if (pValue < best.pValue) best = { indexes: order.slice(0, count), pValue }
  }
  return best
}

/**
 * Tests whether the largest values follow the tail below them: exceedances of the upper quarter as a generalised Pareto tail (Pickands
 * 1975), its shape by moments (Hosking & Wallis 1987) and two standard errors on the heavy side, so that neither t₃ nor counts nor
 * volatility clusters make their own extremes remarkable. Bonferroni over the values, and over how many are tried together with weights ½, ¼ ….
 *
 * @param sorted the values, largest first
 */
function upperTailOutliers(values: ArrayLike<number>, sorted: Float64Array): TailOutliers {
  const n = values.length
  const most = Math.max(1, Math.min(MAX_OUTLIERS, Math.floor(MAX_SHARE * n)))
  const size = Math.max(MIN_TAIL, Math.ceil(TAIL_SHARE * n))
  const order = farthest(values, { most, from: sorted[Math.min(most, n) - 1]! })
  let best: TailOutliers = { indexes: [], pValue: 1 }
  for (let count = 1; count <= most && count + size < n; count++) {
    const threshold = sorted[count + size]!
    const excesses = sorted.subarray(count, count + size).map((value) => value - threshold)
    const share = exceedance(excesses, sorted[count - 1]! - threshold)
    const pValue = Math.min(1, share * size * 2 ** count)
    if (pValue < best.pValue) best = { indexes: order.slice(0, count), pValue }
  }
  return best
}

/** Positions of the largest values, largest first. */
function farthest(values: ArrayLike<number>, { most, from }: { most: number; from: number }): number[] {
  const found: number[] = []
  for (let i = 0; i < values.length; i++) if (values[i]! >= from) found.push(i)
  return found.sort((i, j) => values[j]! - values[i]! || i - j).slice(0, most)
}

/** Share of a tail's values that lie farther out than `at`. */
function exceedance(excesses: Float64Array, at: number): number {
  const h = excesses.length
  const mean = excesses.reduce((sum, value) => sum + value, 0) / h
  if (!(mean > 0)) return 1
  const variance = excesses.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (h - 1)
  const shape = Math.max(1 / h, 0.5 * (1 - (mean * mean) / variance) + CAUTION / Math.sqrt(h))
  const scale = mean * (1 - Math.min(shape, MAX_SHAPE))
  return (1 + (shape * at) / scale) ** (-1 / shape)
}

/** Standard errors of the shape on the heavy side: with one, 30 columns of t₃ claim outliers in 10 % of reports. */
const CAUTION = 1.25
/** A tail without a mean has no scale by moments. */
const MAX_SHAPE = 0.9
