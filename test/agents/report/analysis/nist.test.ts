import t from 'tap'
import { leastSquares } from '../../../../services/agents/report/analysis/statistics/least-squares.ts'
import { moments } from '../../../../services/agents/report/analysis/statistics/moments.ts'
import { REGRESSION_SETS } from './nist/regression.ts'
import { UNIVARIATE_SETS } from './nist/univariate.ts'

/** Digits in agreement: −log10 of the relative error, of the absolute one where 0 is certified; at most 15. */
function digitsOf(actual: number, certified: number): number {
  const error = Math.abs(actual - certified) / (certified === 0 ? 1 : Math.abs(certified))
  return error === 0 ? 15 : Math.min(15, -Math.log10(error))
}

const digitsOfAll = (actual: number[], certified: number[]): number =>
  Math.min(...certified.map((value, i) => digitsOf(actual[i]!, value)))

const round1 = (digits: number): string => digits.toFixed(1)

for (const set of UNIVARIATE_SETS) {
  t.test(`univariate ${set.name}`, async (t) => {
    const found = moments(set.values)
    const mean = digitsOf(found.mean, set.mean)
    const stdDev = digitsOf(found.stdDev, set.stdDev)
    const autocorrelation = digitsOf(found.autocorrelation ?? Number.NaN, set.autocorrelation)
    t.comment(`mean ${round1(mean)}, sd ${round1(stdDev)}, lag 1 ${round1(autocorrelation)}`)
    t.ok(mean >= 14, `mean agrees to ${round1(mean)} digits`)
    t.ok(stdDev >= set.digits, `standard deviation agrees to ${round1(stdDev)} digits`)
    t.ok(autocorrelation >= set.digits, `autocorrelation agrees to ${round1(autocorrelation)} digits`)
  })
}

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
