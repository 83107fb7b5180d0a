import t from 'tap'
import { moments } from '../../../../../services/agents/report/analysis/statistics/moments.ts'
import { UNIVARIATE_SETS } from './nist/univariate.ts'

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

/** Digits in agreement: −log10 of the relative error, of the absolute one where 0 is certified; at most 15. */
function digitsOf(actual: number, certified: number): number {
  const error = Math.abs(actual - certified) / (certified === 0 ? 1 : Math.abs(certified))
  return error === 0 ? 15 : Math.min(15, -Math.log10(error))
}
