import t from 'tap'
import { seriesTrend } from '../../../../../services/agents/report/analysis/statistics/series-trend.ts'
import { normalNumbers } from '../normal-numbers.ts'

function trendOf(n: number, value: (i: number) => number, sd: number) {
  const noise = normalNumbers(n, 11)
  const y = noise.map((error, i) => value(i) + sd * error)
  return seriesTrend(
    y.map((_, i) => i),
    y,
  )
}

t.test('a smooth series that rises ever faster and never falls is a trend beyond doubt', async (t) => {
  for (const n of [45, 60]) {
    const found = trendOf(n, (i) => 315 + 0.8 * i + 0.0125 * i * i, 0.3)
    t.match(found, { shape: 'smooth', isBent: true })
    t.ok(found && found.pValue < 1e-6)
  }
})

t.test('a curve that reaches its level', async (t) => {
  const found = trendOf(80, (i) => 5000 / (1 + Math.exp((35 - i) / 7)), 60)
  t.match(found, { shape: 'saturating' })
  t.ok(found && found.pValue < 1e-4)
})

t.test('a line stays one', async (t) => {
  t.match(
    trendOf(80, (i) => 2 * i, 5),
    { shape: 'line', isBent: false },
  )
})
