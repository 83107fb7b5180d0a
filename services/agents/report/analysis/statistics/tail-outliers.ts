import { median, sortedCopy } from '#platform/statistics/median.ts'
import { fisherFUpper } from './probability.ts'
import { type StudentFit, studentExceedance, studentProfile } from './student-fit.ts'
import { tailShares, tailWeights } from './tail-weights.ts'

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
/** Of few values both percentiles are uncertain: the logarithm of their ratio may reach this over √n, 2.5 standard errors of normal values. */
const ASYMMETRY_ERROR = 5
/** Of fewer values nobody knows whether they are symmetric: they are judged both ways, and the less sure p counts. */
const ASYMMETRY_KNOWN_FROM = 50

/** The tail of one column, before it is known what tails the others have. */
export interface ColumnTail {
  /** Symmetric values without many ties: the fits of Student's t that the rest allows, for one, two … candidates beyond it. */
  candidates: TailCandidates[]
  /** Of other values, and of few ones beside: each tail judged alone. */
  alone: TailOutliers[]
}

interface TailCandidates {
  /** Farthest first. */
  indexes: number[]
  /** Of the nearest of them. */
  distance: number
  /** Values of the column. */
  n: number
  fits: StudentFit[]
}

/** @param residuals around 0 */
export function columnTail(residuals: Float64Array): ColumnTail {
  const ascending = sortedCopy(residuals)
  const few = residuals.length < ASYMMETRY_KNOWN_FROM && !hasManyTies(ascending)
  const candidates = few || isSymmetric(ascending) ? symmetricCandidates(residuals) : []
  if (candidates.length > 0 && !few) return { candidates, alone: [] }
  const alone = [
    upperTailOutliers(residuals, ascending.toReversed()),
    upperTailOutliers(
      residuals.map((value) => -value),
      ascending.map((value) => -value),
    ),
  ].map(({ indexes, pValue }) => ({ indexes, pValue: Math.min(1, 2 * pValue) }))
  return { candidates, alone }
}

/**
 * The tail of a column of which a sample is at hand, and the extremes of all its values.
 *
 * @param residuals of the sample, around 0
 * @param extremes the farthest of all values, around the same; candidates are indexes of these
 * @param rows how many values there are in all
 */
export function sampledTail(
  residuals: Float64Array,
  { extremes, rows }: { extremes: Float64Array; rows: number },
): ColumnTail {
  const ascending = sortedCopy(residuals)
  if (!isSymmetric(ascending)) {
    const alone = [1, -1].map((side) => {
      const turned = side === 1 ? ascending.toReversed() : ascending.map((value) => -value)
      const { indexes, pValue } = sampledUpperTail(turned, {
        extremes: extremes.map((value) => side * value),
        rows,
      })
      return { indexes, pValue: Math.min(1, 2 * pValue) }
    })
    return { candidates: [], alone }
  }
  const distances = extremes.map(Math.abs)
  const sorted = sortedCopy(residuals.map(Math.abs))
  const order = farthest(distances, { most: MAX_OUTLIERS, from: 0 })
  const candidates = order.map((_, i): TailCandidates => {
    const indexes = order.slice(0, i + 1)
    const distance = distances[order[i]!]!
    const rest = sorted.filter((value) => value < distance)
    const every = Math.ceil(rest.length / MAX_FITTED)
    const fitted = rest.filter((_, k) => (rest.length - 1 - k) % every === 0)
    const beyond = (indexes.length * residuals.length) / rows / every
    return { indexes, distance, n: rows, fits: studentProfile(fitted, beyond) }
  })
  return { candidates, alone: [] }
}

/** @param sorted the sample, largest first */
function sampledUpperTail(
  sorted: Float64Array,
  { extremes, rows }: { extremes: Float64Array; rows: number },
): TailOutliers {
  const order = farthest(extremes, { most: MAX_OUTLIERS, from: 0 })
  let best: TailOutliers = { indexes: [], pValue: 1 }
  for (let count = 1; count <= order.length; count++) {
    const at = extremes[order[count - 1]!]!
    const rest = sorted.filter((value) => value < at)
    const size = Math.max(MIN_TAIL, Math.ceil(TAIL_SHARE * rest.length))
    if (size >= rest.length) break
    const threshold = rest[size]!
    const share = exceedance(
      rest.subarray(0, size).map((value) => value - threshold),
      at - threshold,
    )
    const pValue = Math.min(1, share * TAIL_SHARE * rows * 2 ** count)
    if (pValue < best.pValue) best = { indexes: order.slice(0, count), pValue }
  }
  return best
}

/**
 * Values beyond the tails that the data have, by column. Symmetric values without many ties are judged by Student's t, averaged over the degrees
 * of freedom by how likely the column itself and the other columns of the table make them; others by each tail alone.
 *
 * @param tails of all columns that are looked at together
 */
export function tailOutliers(tails: readonly ColumnTail[]): TailOutliers[][] {
  const symmetric = tails.filter(({ candidates }) => candidates.length > 0)
  // With all candidates out no other column's outliers speak of its tail.
  const shares = tailShares(symmetric.map(({ candidates }) => candidates.at(-1)!.fits))
  return tails.map((tail) => {
    const place = symmetric.indexOf(tail)
    if (place < 0) return tail.alone
    const found = surest(tail.candidates, shares[place]!)
    return [{ ...found, pValue: Math.max(found.pValue, smallestOf(tail.alone)) }]
  })
}

/** 0 where no tail was judged alone. */
function smallestOf(outliers: readonly TailOutliers[]): number {
  return outliers.length === 0 ? 0 : Math.min(...outliers.map(({ pValue }) => pValue))
}

/**
 * The same of columns of which some are judged by their logarithms: those tell nothing of the tails of the others.
 *
 * @param isLogarithmic of each column
 */
export function outliersByScale(
  tails: readonly ColumnTail[],
  isLogarithmic: readonly boolean[],
): TailOutliers[][] {
  const pools = [true, false].map((wanted) =>
    tailOutliers(tails.filter((_, i) => isLogarithmic[i] === wanted)),
  )
  return isLogarithmic.map((logarithmic) => pools[logarithmic ? 0 : 1]!.shift()!)
}

function surest(candidates: readonly TailCandidates[], shares: readonly number[]): TailOutliers {
  const prior = candidates.map((_, i) => FEWER_FIRST ** i)
  const total = prior.reduce((sum, value) => sum + value, 0)
  let best: TailOutliers = { indexes: [], pValue: 1 }
  candidates.forEach(({ indexes, distance, n, fits }, i) => {
    const weights = tailWeights(fits, shares)
    const share = fits.reduce(
      (sum, fit, k) => sum + weights[k]! * atLeast(indexes.length, n, studentExceedance(distance, fit)),
      0,
    )
    const pValue = Math.min(1, (share * total) / prior[i]!)
    if (pValue < best.pValue) best = { indexes, pValue }
  })
  return best
}

/** Bonferroni with weights over how many are tried together: one is expected four times as often as two. */
const FEWER_FIRST = 0.25

/** P(at least `count` of `n` independent values are in a part of this share): a tail of the binomial by that of F. */
function atLeast(count: number, n: number, share: number): number {
  if (share >= 1) return 1
  if (share <= 0) return 0
  const [within, between] = [2 * count, 2 * (n - count + 1)]
  return fisherFUpper((within * (1 - share)) / (share * between), between, within)
}

function hasManyTies(sorted: Float64Array): boolean {
  let distinct = Math.min(1, sorted.length)
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) distinct++
  return distinct < sorted.length / 2
}

function isSymmetric(sorted: Float64Array): boolean {
  if (hasManyTies(sorted)) return false
  const centre = median(sorted)
  const edge = Math.floor(0.05 * sorted.length)
  const [low, high] = [centre - sorted[edge]!, sorted[sorted.length - 1 - edge]! - centre]
  const most = Math.max(MAX_ASYMMETRY, Math.exp(ASYMMETRY_ERROR / Math.sqrt(sorted.length)))
  return Math.max(low, high) <= most * Math.min(low, high)
}

function symmetricCandidates(residuals: Float64Array): TailCandidates[] {
  const n = residuals.length
  const most = Math.max(1, Math.min(MAX_OUTLIERS, Math.floor(MAX_SHARE * n)))
  const distances = residuals.map(Math.abs)
  const sorted = sortedCopy(distances)
  const order = farthest(distances, { most, from: sorted[n - most]! })
  return Array.from({ length: most }, (_, i) => {
    const indexes = order.slice(0, i + 1)
    const every = Math.ceil((n - indexes.length) / MAX_FITTED)
    const rest = sorted.subarray(0, n - indexes.length)
    const fitted = every === 1 ? rest : rest.filter((_, k) => (rest.length - 1 - k) % every === 0)
    return {
      indexes,
      distance: distances[indexes.at(-1)!]!,
      n,
      fits: studentProfile(fitted, indexes.length / every),
    }
  })
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
