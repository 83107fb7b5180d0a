import { rank } from '#platform/statistics/rank.ts'
import { normalTwoSided } from '../statistics/probability.ts'

/** Units of a stratum on each side, at least. */
const MIN_SIDE = 3
/** A stratum needs so many units for a coefficient of its own. */
const MIN_STRATUM = 8

/** How a comparison comes out, over all units or within strata. */
export interface Direction {
  /** −1 to 1: of two sides, how much oftener a value of the first is the higher one; of two measures, a rank correlation. */
  effect: number
  /** Of `effect`, if nothing went with anything. */
  standardError: number
  /** Two-sided. */
  pValue: number
  /** Strata that could be compared, and those among them with the opposite sign of `effect`. */
  strata: number
  opposed: number
}

interface Tally {
  score: number
  scale: number
  variance: number
}

/**
 * Compares two groups within strata: van Elteren's stratified rank-sum test. With one stratum it is the rank-sum test itself.
 *
 * @param values by unit; NaN takes no part
 * @param sideOf 0 or 1 by unit, else it takes no part
 * @param stratumOf from 0 by unit, negative takes no part
 * @returns null where no stratum has three units on both sides.
 */
export function stratifiedDifference(
  values: ArrayLike<number>,
  sideOf: (unit: number) => number,
  stratumOf: (unit: number) => number,
): Direction | null {
  const members = byStratum(values.length, (unit) =>
    Number.isNaN(values[unit]!) || (sideOf(unit) !== 0 && sideOf(unit) !== 1) ? -1 : stratumOf(unit),
  )
  return combined(members.flatMap((units) => rankSum(units, values, sideOf) ?? []))
}

function rankSum(
  units: readonly number[],
  values: ArrayLike<number>,
  sideOf: (unit: number) => number,
): Tally | null {
  const n = units.length
  const first = units.filter((unit) => sideOf(unit) === 0).length
  const second = n - first
  if (first < MIN_SIDE || second < MIN_SIDE) return null
  const { ranks } = rank(units.map((unit) => values[unit]!))
  let sum = 0
  let squares = 0
  units.forEach((unit, i) => {
    const score = ranks[i]! - (n + 1) / 2
    squares += score * score
    if (sideOf(unit) === 0) sum += score
  })
  // Weighted by 1 / (n + 1), so that small strata count with what they can tell.
  const weight = 1 / (n + 1)
  return {
    score: weight * sum,
    scale: (weight * first * second) / 2,
    variance: (weight * weight * first * second * squares) / (n * (n - 1)),
  }
}

/** Rank correlation of two measures within strata; null where no stratum has eight units. */
export function stratifiedCorrelation(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  stratumOf: (unit: number) => number,
): Direction | null {
  const members = byStratum(a.length, (unit) => (Number.isNaN(a[unit]! + b[unit]!) ? -1 : stratumOf(unit)))
  return combined(members.flatMap((units) => rankProducts(units, a, b) ?? []))
}

function rankProducts(units: readonly number[], a: ArrayLike<number>, b: ArrayLike<number>): Tally | null {
  const n = units.length
  if (n < MIN_STRATUM) return null
  const left = rank(units.map((unit) => a[unit]!)).ranks
  const right = rank(units.map((unit) => b[unit]!)).ranks
  const middle = (n + 1) / 2
  let products = 0
  let squaresA = 0
  let squaresB = 0
  for (let i = 0; i < n; i++) {
    products += (left[i]! - middle) * (right[i]! - middle)
    squaresA += (left[i]! - middle) ** 2
    squaresB += (right[i]! - middle) ** 2
  }
  const weight = 1 / (n + 1) ** 2
  return {
    score: weight * products,
    scale: weight * Math.sqrt(squaresA * squaresB),
    variance: (weight * weight * squaresA * squaresB) / (n - 1),
  }
}

function byStratum(units: number, stratumOf: (unit: number) => number): number[][] {
  const members: number[][] = []
  for (let unit = 0; unit < units; unit++) {
    const stratum = stratumOf(unit)
    if (stratum < 0) continue
    members[stratum] ??= []
    members[stratum].push(unit)
  }
  return members.filter((own) => own !== undefined)
}

function combined(tallies: readonly Tally[]): Direction | null {
  const total = (of: (tally: Tally) => number) => tallies.reduce((sum, tally) => sum + of(tally), 0)
  const [score, scale, variance] = [total((t) => t.score), total((t) => t.scale), total((t) => t.variance)]
  if (!(scale > 0) || !(variance > 0)) return null
  return {
    effect: score / scale,
    standardError: Math.sqrt(variance) / scale,
    pValue: normalTwoSided(score / Math.sqrt(variance)),
    strata: tallies.length,
    opposed: tallies.filter((tally) => tally.score * score < 0).length,
  }
}
