import t from 'tap'
import {
  filtered,
  fitAutoregression,
} from '../../../../../services/agents/report/analysis/statistics/autoregression.ts'
import { normalNumbers } from '../normal-numbers.ts'

t.test('the coefficients of an autoregression are found, and its innovations given back', async (t) => {
  const noise = normalNumbers(2_000, 5)
  const series = new Float64Array(2_000)
  for (let i = 2; i < series.length; i++) series[i] = 1.2 * series[i - 1]! - 0.5 * series[i - 2]! + noise[i]!
  const { coefficients } = fitAutoregression(series)
  t.ok(Math.abs(coefficients[0]! - 1.2) < 0.08 && Math.abs(coefficients[1]! + 0.5) < 0.08, `${coefficients}`)
  t.ok(coefficients.length <= 4, 'few coefficients')
  const left = filtered(series, { coefficients: [1.2, -0.5] })
  t.equal(left.length, 1_998)
  t.ok(left.every((value, i) => Math.abs(value - noise[i + 2]!) < 1e-12))
})

t.test('noise has no memory, a random walk much', async (t) => {
  const memory = fitAutoregression(normalNumbers(400, 6), 0).coefficients.map(Math.abs)
  t.ok(
    memory.every((c) => c < 0.15),
    `${memory}`,
  )
  let at = 0
  const walk = normalNumbers(400, 7).map((step) => (at += step))
  const sum = fitAutoregression(walk).coefficients.reduce((a, b) => a + b, 0)
  t.ok(sum > 0.9 && sum < 1.01, `${sum}`)
})
