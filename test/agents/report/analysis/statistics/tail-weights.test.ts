import t from 'tap'
import {
  STUDENT_DEGREES,
  studentProfile,
} from '../../../../../services/agents/report/analysis/statistics/student-fit.ts'
import {
  tailShares,
  tailWeights,
} from '../../../../../services/agents/report/analysis/statistics/tail-weights.ts'
import { normalNumbers } from '../normal-numbers.ts'
import { heavyTailed } from '../null-tables.ts'

const profile = (values: Float64Array) => studentProfile(values.map(Math.abs).sort(), 0)
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
/** Weight of tails as heavy as that of t₅ or heavier. */
const heavy = (weights: readonly number[]) => sum(weights.filter((_, i) => STUDENT_DEGREES[i]! <= 5))

t.test('shares and weights sum to 1', async (t) => {
  const profiles = [profile(normalNumbers(60, 1)), profile(heavyTailed(60, 2))]
  for (const [i, shares] of tailShares(profiles).entries()) {
    t.ok(Math.abs(sum(shares) - 1) < 1e-12)
    t.ok(Math.abs(sum(tailWeights(profiles[i]!, shares)) - 1) < 1e-12)
  }
})

t.test('what the other columns have is expected of a column', async (t) => {
  const normal = Array.from({ length: 10 }, (_, i) => profile(normalNumbers(60, i + 1)))
  const wild = Array.from({ length: 10 }, (_, i) => profile(heavyTailed(60, i + 1)))
  t.ok(heavy(tailShares(normal)[0]!) < 0.2)
  t.ok(heavy(tailShares(wild)[0]!) > 0.5)
})

t.test('an odd column is believed where it has enough values to speak for itself', async (t) => {
  const odd = profile(heavyTailed(500, 3))
  const profiles = [odd, ...Array.from({ length: 9 }, (_, i) => profile(normalNumbers(60, i + 1)))]
  t.ok(heavy(tailWeights(odd, tailShares(profiles)[0]!)) > 0.5)
})
