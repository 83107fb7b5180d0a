import type { StudentFit } from './student-fit.ts'
import { STUDENT_DEGREES } from './student-fit.ts'

/** Before all data: how often each of the degrees of freedom is to be expected; half of it lies below 7. */
const BASE = [0.005, 0.01, 0.04, 0.06, 0.1, 0.12, 0.13, 0.14, 0.13, 0.11, 0.09, 0.07]
const BASE_SUM = BASE.reduce((sum, share) => sum + share, 0)
/**
 * Columns that the expectation before all data counts for, beside those of the table. The smaller, the more the columns of one table are
 * taken to have tails of one kind: at 0.02 a value 10 sd out among 60 normal ones of ten columns is sure enough in 85 % of tables, and of ten
 * columns the only one with the tail of t₃ claims an outlier at p = 0.0003 in 3 %.
 */
const BASE_COLUMNS = 0.02
const ROUNDS = 20

/**
 * How often each tail is to be expected of each column by what the other columns of the table have: a mixture over the degrees of freedom
 * (empirical Bayes by expectation and maximisation; Laird 1978, Efron 2010).
 *
 * @param profiles of each column, over `STUDENT_DEGREES`
 * @returns by column shares that sum to 1
 */
export function tailShares(profiles: readonly (readonly StudentFit[])[]): number[][] {
  let shares = sharesOf([])
  let weights: number[][] = []
  for (let round = 0; round < ROUNDS; round++) {
    weights = profiles.map((fits) => tailWeights(fits, shares))
    shares = sharesOf(weights)
  }
  return profiles.map((_, own) => sharesOf(weights.filter((_, column) => column !== own)))
}

/** What is expected and what the column itself shows, together: weights of the fits that sum to 1. */
export function tailWeights(fits: readonly StudentFit[], shares: readonly number[]): number[] {
  const most = Math.max(...fits.map(({ logLikelihood }) => logLikelihood))
  const products = fits.map(({ logLikelihood }, i) => Math.exp(logLikelihood - most) * shares[i]!)
  const sum = products.reduce((total, value) => total + value, 0)
  return products.map((value) => value / sum)
}

function sharesOf(weights: readonly (readonly number[])[]): number[] {
  return STUDENT_DEGREES.map((_, i) => {
    const seen = weights.reduce((sum, column) => sum + column[i]!, 0)
    return ((BASE_COLUMNS * BASE[i]!) / BASE_SUM + seen) / (BASE_COLUMNS + weights.length)
  })
}
