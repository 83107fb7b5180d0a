import t from 'tap'
import {
  stratifiedCorrelation,
  stratifiedDifference,
} from '../../../../../services/agents/report/analysis/relations/stratified-direction.ts'
import { close } from '../close-to.ts'

t.test('one stratum: the rank-sum test', async (t) => {
  const values = [1, 4, 6, 8, 2, 3, 5, 7, 9, 10]
  const found = stratifiedDifference(
    values,
    (unit) => (unit < 4 ? 0 : 1),
    () => 0,
  )
  // scipy.stats.mannwhitneyu([1, 4, 6, 8], [2, 3, 5, 7, 9, 10], method='asymptotic', use_continuity=False): U = 9, p = 0.5218.
  close(t, found?.effect ?? null, (2 * 9) / 24 - 1)
  t.ok(Math.abs((found?.pValue ?? 0) - 0.5218) < 1e-3, `${found?.pValue}`)
})

t.test('within strata the other way round', async (t) => {
  // Two strata: in each the first side is lower, but the first side is mostly in the higher stratum.
  const units = Array.from({ length: 80 }, (_, i) => ({
    stratum: i % 2,
    side: i % 2 === (i % 10 < 8 ? 0 : 1) ? 1 : 0,
    i,
  }))
  const values = units.map(({ stratum, side, i }) => 100 * stratum + 20 * side + (i % 7))
  const sideOf = (unit: number) => units[unit]!.side
  t.ok(stratifiedDifference(values, sideOf, () => 0)!.effect > 0)
  const within = stratifiedDifference(values, sideOf, (unit) => units[unit]!.stratum)!
  t.match(within, { strata: 2, opposed: 0 })
  t.ok(within.effect < -0.9 && within.pValue < 0.001)
})

t.test('correlation within strata', async (t) => {
  const stratum = Array.from({ length: 60 }, (_, i) => i % 3)
  const a = stratum.map((s, i) => 10 * s + (i % 10))
  const b = stratum.map((s, i) => 30 * s - (i % 10))
  t.ok(stratifiedCorrelation(a, b, () => 0)!.effect > 0.5)
  t.ok(stratifiedCorrelation(a, b, (unit) => stratum[unit]!)!.effect < -0.9)
  t.equal(
    stratifiedCorrelation([1, 2], [2, 1], () => 0),
    null,
  )
})
