import t from 'tap'
import { errorBudget } from '../../../../../services/agents/report/analysis/inference/error-budget.ts'

t.test('rates are those of Benjamini & Hochberg over all that was tested', async (t) => {
  const { tests, rateOf } = errorBudget([0.01, 0.04, 0.03, 1])
  t.equal(tests, 4)
  t.equal(rateOf(0.01), 0.04)
  t.ok(Math.abs(rateOf(0.03) - 0.16 / 3) < 1e-12, 'the larger p 0.04 has the smaller quotient')
  t.equal(rateOf(0.5), 1, 'never registered')
})
