import t from 'tap'
import { isMultiplicative } from '../../../../../services/agents/report/analysis/statistics/series-scale.ts'
import { normalNumbers } from '../normal-numbers.ts'

t.test('growth by factors, not by amounts', async (t) => {
  const noise = normalNumbers(60, 2)
  t.equal(isMultiplicative(noise.map((error, i) => 1000 * 1.03 ** i * Math.exp(0.05 * error))), true)
  t.equal(isMultiplicative(noise.map((error, i) => 100 + 5 * i + 10 * error)), false)
  t.equal(isMultiplicative(noise), false, 'with values below zero')
})
