import t from 'tap'
import { leastSquares } from '../../../../../services/agents/report/analysis/statistics/least-squares.ts'
import { REGRESSION_SETS } from './nist/regression.ts'

const digitsOfAll = (actual: number[], certified: number[]): number =>
  Math.min(...certified.map((value, i) => digitsOf(actual[i]!, value)))

const round1 = (digits: number): string => digits.toFixed(1)

for (const set of REGRESSION_SETS) {
  t.test(`regression ${set.name}`, async (t) => {
    const fit = leastSquares(set.design, set.y, set.hasIntercept)
    if (!fit) return t.fail('the design was taken as dependent')
    const coefficients = digitsOfAll(fit.coefficients, set.coefficients)
    const errors = digitsOfAll(fit.standardErrors, set.standardErrors)
    const residual = digitsOf(fit.residualStdDev, set.residualStdDev)
    const rSquared = digitsOf(fit.rSquared, set.rSquared)
    t.comment(
      `coefficients ${round1(coefficients)}, errors ${round1(errors)}, residual ${round1(residual)}, R² ${round1(rSquared)}`,
    )
    t.ok(coefficients >= set.digits, `coefficients agree to ${round1(coefficients)} digits`)
    t.ok(errors >= set.digits, `standard errors agree to ${round1(errors)} digits`)
    t.ok(residual >= set.digits, `residual standard deviation agrees to ${round1(residual)} digits`)
    t.ok(rSquared >= set.digits, `R² agrees to ${round1(rSquared)} digits`)
  })
}

/** Digits in agreement: −log10 of the relative error, of the absolute one where 0 is certified; at most 15. */
function digitsOf(actual: number, certified: number): number {
  const error = Math.abs(actual - certified) / (certified === 0 ? 1 : Math.abs(certified))
  return error === 0 ? 15 : Math.min(15, -Math.log10(error))
}
