import t from 'tap'
import { monotoneTrend } from '../../../../../services/agents/report/analysis/statistics/monotone-trend.ts'
import { normalNumbers } from '../normal-numbers.ts'

t.test('a trend in 20,000 noisy points is found with its interval', async (t) => {
  const noise = normalNumbers(20_000, 5)
  const x = Float64Array.from(noise.keys())
  const found = monotoneTrend(
    x,
    x.map((at, i) => 0.001 * at + noise[i]!),
  )
  t.ok(found && found.slopeInterval.low < 0.001 && found.slopeInterval.high > 0.001)
  t.ok(found && found.slopeInterval.high - found.slopeInterval.low < 2e-5)
})

t.test('Mann–Kendall keeps its level under serial correlation', async (t) => {
  let rejected = 0
  for (let run = 0; run < 200; run++) {
    let state = 0
    const y = normalNumbers(100, run).map((shock) => (state = 0.6 * state + shock))
    if ((monotoneTrend(Float64Array.from(y.keys()), y)?.pValue ?? 1) < 0.05) rejected++
  }
  t.ok(rejected < 30, `${rejected} of 200 series without trend rejected at 5 %`)
})
