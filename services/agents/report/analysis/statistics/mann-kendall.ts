import { type Ranking, rank } from '#platform/statistics/rank.ts'
import { normalTwoSided } from './probability.ts'

export interface MannKendall {
  /** Concordant minus discordant pairs. */
  s: number
  /** Kendall's tau-b, −1 to 1; 0 without spread. */
  tau: number
  /** Of s under chance, corrected for ties and multiplied by `varianceFactor`. */
  variance: number
  /** Two-sided. */
  pValue: number
}

/** Up to here the distribution of s is computed, above it is normal to several digits. */
const EXACT_UP_TO = 40

/**
 * Mann–Kendall test of y against x in O(n log n): Knight's counting of inversions, Kendall's variance with ties on both
 * sides (Kendall 1970, 4.9), continuity correction. Exact p for up to 40 points without ties.
 *
 * @param varianceFactor at least 1; above 1 for serially correlated data, see `serialVarianceFactor`
 */
export function mannKendall(x: ArrayLike<number>, y: ArrayLike<number>, varianceFactor = 1): MannKendall {
  const n = x.length
  const rankX = rank(x)
  const rankY = rank(y)
  const sequence = yRanksInOrderOfX(rankX, rankY)
  const pairs = (n * (n - 1)) / 2
  const tiedX = tiedPairs(rankX.ties)
  const tiedY = tiedPairs(rankY.ties)
  const s = pairs - tiedX - tiedY + sequence.tiedBoth - 2 * countInversions(sequence.ranks)
  const scale = Math.sqrt(pairs - tiedX) * Math.sqrt(pairs - tiedY)
  const variance = varianceOfS(n, rankX.ties, rankY.ties) * varianceFactor
  if (scale === 0 || variance <= 0) return { s: 0, tau: 0, variance: 0, pValue: 1 }
  const exact = n <= EXACT_UP_TO && varianceFactor === 1 && tiedX === 0 && tiedY === 0
  const z = Math.max(0, Math.abs(s) - 1) / Math.sqrt(variance)
  return { s, tau: s / scale, variance, pValue: exact ? exactPValue(s, n) : normalTwoSided(z) }
}

/**
 * How much serial correlation inflates the variance of s: 1 + 2 Σ (1 − k/n) ρ^k (Yue & Wang 2004).
 * Only positive correlation beyond chance (1.96/√n) counts; otherwise 1.
 *
 * @param autocorrelation lag 1, of the residuals of the trend
 */
export function serialVarianceFactor(autocorrelation: number, n: number): number {
  if (!(autocorrelation > 1.96 / Math.sqrt(n))) return 1
  const rho = Math.min(autocorrelation, 0.99)
  let sum = 0
  for (let k = 1, powerOfRho = rho; k < n && powerOfRho > 1e-9; k++, powerOfRho *= rho) {
    sum += (1 - k / n) * powerOfRho
  }
  return 1 + 2 * sum
}

/** Ranks of y sorted by x, equal x sorted by y, so that pairs tied in x are never inversions. */
function yRanksInOrderOfX(x: Ranking, y: Ranking): { ranks: Float64Array; tiedBoth: number } {
  const n = x.order.length
  const ranks = new Float64Array(n)
  let tiedBoth = 0
  for (let start = 0; start < n; ) {
    let end = start
    while (end < n && x.ranks[x.order[end]!] === x.ranks[x.order[start]!]) {
      ranks[end] = y.ranks[x.order[end]!]!
      end++
    }
    const group = ranks.subarray(start, end).sort()
    for (let i = 0, run = 0; i < group.length; i++) {
      run = i > 0 && group[i] === group[i - 1] ? run + 1 : 0
      tiedBoth += run
    }
    start = end
  }
  return { ranks, tiedBoth }
}

/** Pairs i < j with value i > value j, by bottom-up merge sort; sorts `values`. */
function countInversions(values: Float64Array): number {
  let source: Float64Array = values
  let target: Float64Array = new Float64Array(values.length)
  let inversions = 0
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length)
      const end = Math.min(start + 2 * width, values.length)
      let left = start
      let right = middle
      for (let i = start; i < end; i++) {
        if (left < middle && (right >= end || source[left]! <= source[right]!)) target[i] = source[left++]!
        else {
          target[i] = source[right++]!
          inversions += middle - left
        }
      }
    }
    ;[source, target] = [target, source]
  }
  return inversions
}

function tiedPairs(ties: readonly number[]): number {
  return ties.reduce((sum, t) => sum + (t * (t - 1)) / 2, 0)
}

function varianceOfS(n: number, tiesX: readonly number[], tiesY: readonly number[]): number {
  if (n < 2) return 0
  const sumOver = (ties: readonly number[], term: (t: number) => number) =>
    ties.reduce((sum, t) => sum + term(t), 0)
  const cubic = (t: number) => t * (t - 1) * (2 * t + 5)
  const pairTerm = (t: number) => t * (t - 1)
  const tripleTerm = (t: number) => t * (t - 1) * (t - 2)
  const base = (cubic(n) - sumOver(tiesX, cubic) - sumOver(tiesY, cubic)) / 18
  const pairs = (sumOver(tiesX, pairTerm) * sumOver(tiesY, pairTerm)) / (2 * n * (n - 1))
  const triples =
    n < 3 ? 0 : (sumOver(tiesX, tripleTerm) * sumOver(tiesY, tripleTerm)) / (9 * n * (n - 1) * (n - 2))
  return base + pairs + triples
}

/** Share of all orders of n values with at least |s|, by the recurrence for the number of inversions. */
function exactPValue(s: number, n: number): number {
  const pairs = (n * (n - 1)) / 2
  let shares = new Float64Array(pairs + 1)
  shares[0] = 1
  for (let size = 2; size <= n; size++) {
    const next = new Float64Array(pairs + 1)
    const max = (size * (size - 1)) / 2
    for (let k = 0, window = 0; k <= max; k++) {
      window += shares[k]!
      if (k >= size) window -= shares[k - size]!
      next[k] = window / size
    }
    shares = next
  }
  let tail = 0
  for (let k = 0; k <= (pairs - Math.abs(s)) / 2; k++) tail += shares[k]!
  return Math.max(0, Math.min(1, 2 * tail))
}
