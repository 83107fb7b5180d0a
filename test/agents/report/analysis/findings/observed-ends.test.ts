import t from 'tap'
import {
  type ObservedEnds,
  observedEnds,
} from '../../../../../services/agents/report/analysis/findings/observed-ends.ts'
import type { SeasonalityFinding } from '../../../../../services/agents/report/analysis/findings/season-finding.ts'
import { normalNumbers } from '../normal-numbers.ts'

const seasonOf = (period: number) => ({ seasonality: { period } }) as unknown as SeasonalityFinding

t.test('of a smooth series the values at the ends, of a noisy one medians', async (t) => {
  const line = Float64Array.from({ length: 60 }, (_, i) => i)
  t.strictSame(observedEnds(line, []), { first: 0, last: 59, values: 1 })
  const noisy = Float64Array.from({ length: 60 }, (_, i) => i + 40 * ((i * 7) % 5))
  t.strictSame(observedEnds(noisy, []), { first: 81, last: 136, values: 5 })
})

t.test('a spike at an end is none, however smooth the rest is', async (t) => {
  const line = Float64Array.from({ length: 60 }, (_, i) => 100 + i)
  line[0] = 0
  t.strictSame(observedEnds(line, []), { first: 102, last: 157, values: 5 })
})

t.test('a twentieth of long series, at most a hundred values', async (t) => {
  const values = (n: number) => observedEnds(normalNumbers(n, n), []).values
  t.strictSame([12, 30, 100, 200, 1_000, 2_000, 50_000].map(values), [1, 3, 5, 10, 50, 100, 100])
})

t.test('of seasonal series whole cycles, unless one is more than a third', async (t) => {
  const values = (n: number, ...periods: number[]) =>
    observedEnds(normalNumbers(n, 1), periods.map(seasonOf)).values
  t.equal(values(60, 12), 12)
  t.equal(values(1_000, 7), 49, 'seven weeks are nearest to fifty days')
  t.equal(values(2_000, 24, 168), 168)
  t.equal(values(30, 12), 3)
})

t.test('lies within the data, and near the level that the noise hides', async (t) => {
  const errors = (of: (ends: ObservedEnds) => number, truth: number) => {
    const found = Array.from({ length: 100 }, (_, seed) => {
      const y = normalNumbers(1_000, 40 + seed).map((noise, i) => noise + i / 1_000)
      const ends = observedEnds(y, [])
      t.ok(
        Math.min(ends.first, ends.last) >= Math.min(...y) &&
          Math.max(ends.first, ends.last) <= Math.max(...y),
      )
      return (of(ends) - truth) ** 2
    })
    return Math.sqrt(found.reduce((sum, square) => sum + square, 0) / found.length)
  }
  // The standard error of a median of fifty is 1.25 / √50; of five it would be 0.54.
  t.ok(errors(({ first }) => first, 0.025) < 0.22)
  t.ok(errors(({ last }) => last, 0.975) < 0.22)
})
