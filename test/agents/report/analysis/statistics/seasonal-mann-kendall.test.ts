import t from 'tap'
import { seasonalMannKendall } from '../../../../../services/agents/report/analysis/statistics/seasonal-mann-kendall.ts'

const SERIES = Float64Array.from(
  { length: 144 },
  (_, i) => 0.02 * i + 5 * Math.sin((2 * Math.PI * i) / 12) + ((i * 7919) % 13) / 3,
)

t.test('s and its variance as pymannkendall has them: correlated_seasonal_test(y, period=12)', async (t) => {
  const found = seasonalMannKendall(SERIES, 12)
  t.equal(found?.s, 164)
  t.ok(Math.abs((found?.variance ?? 0) - 10125.333333333332) < 1e-6)
  // With continuity correction, which pymannkendall leaves out: z = 163 / √10125.33.
  t.ok(Math.abs((found?.pValue ?? 0) - 0.1052579796919636) < 1e-9)
})

t.test('fewer than ten cycles say nothing about their covariances', async (t) => {
  t.equal(seasonalMannKendall(SERIES.subarray(0, 108), 12), null)
})
