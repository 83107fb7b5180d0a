import { rank } from '#platform/statistics/rank.ts'
import { compensatedSum, mean } from './moments.ts'
import { studentTwoSided } from './probability.ts'

/** Deviations from the mean scaled to length 1: the dot product of two such is Pearson's r. Null without spread. */
export function unitDeviations(values: ArrayLike<number>): Float64Array | null {
  if (values.length < 2) return null
  const centre = mean(values)
  const deviations = new Float64Array(values)
  for (let i = 0; i < deviations.length; i++) deviations[i]! -= centre
  const length = Math.sqrt(compensatedSum(deviations.map((deviation) => deviation * deviation)))
  // Equal values leave only the rounding of their mean.
  if (length <= Math.abs(centre) * 1e-15 * Math.sqrt(values.length)) return null
  return deviations.map((deviation) => deviation / length)
}

/**
 * Pearson's coefficient, −1 to 1; null below two values or when one side has no spread.
 * @throws RangeError when the sides differ in length.
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  if (a.length !== b.length) throw new RangeError(`${a.length} values cannot pair with ${b.length}`)
  const left = unitDeviations(a)
  const right = unitDeviations(b)
  if (!left || !right) return null
  let sum = 0
  for (let i = 0; i < left.length; i++) sum += left[i]! * right[i]!
  return Math.max(-1, Math.min(1, sum))
}

/** Spearman's coefficient: Pearson's of the mid-ranks. Null and errors as there. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  return pearson(rank(a).ranks, rank(b).ranks)
}

/**
 * Two-sided p of Spearman's coefficient by t with n − 2 degrees of freedom, never below 2/n!: what the most extreme
 * order has under chance. Without that floor a perfect order of five values would have p = 0.
 */
export function spearmanPValue(rho: number, n: number): number {
  if (n < 3) return 1
  const t = rho * Math.sqrt((n - 2) / Math.max(0, (1 - rho) * (1 + rho)))
  return Math.min(1, Math.max(studentTwoSided(t, n - 2), 2 / factorial(n)))
}

function factorial(n: number): number {
  let product = 1
  for (let i = 2; i <= n && product < 1e300; i++) product *= i
  return product
}
