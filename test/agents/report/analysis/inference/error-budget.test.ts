import t from 'tap'
import { errorBudget } from '../../../../../services/agents/report/analysis/inference/error-budget.ts'

t.test('of one question rates are those of Benjamini & Hochberg over all that was tested', async (t) => {
  const { tests, rateOf } = errorBudget([{ trend: [0.01, 0.04] }, { trend: [0.03, 1] }])
  t.equal(tests, 4)
  t.equal(rateOf(0.01), 0.04)
  t.ok(Math.abs(rateOf(0.03) - 0.16 / 3) < 1e-12, 'the larger p 0.04 has the smaller quotient')
  t.equal(rateOf(0.5), 1, 'never registered')
})

t.test('many pairs do not use up the share of a few columns', async (t) => {
  const pairs = Array.from({ length: 98 }, (_, i) => 0.5 + i / 1000)
  const { rateOf } = errorBudget([{ together: pairs, tail: [0.001, 0.9], step: [] }])
  // Two questions: a half of the budget for each, of which one of two tails has a half.
  t.ok(Math.abs(rateOf(0.001) - 0.001 * 2 * 2) < 1e-12, `${rateOf(0.001)}`)
})

t.test('a p that belongs to two questions has the less sure rate', async (t) => {
  const { rateOf } = errorBudget([{ together: [0.01, ...new Array<number>(99).fill(1)], trend: [0.01] }])
  t.ok(rateOf(0.01) > 0.05)
})
