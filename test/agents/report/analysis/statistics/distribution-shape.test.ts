import t from 'tap'
import { numericSummary } from '../../../../../services/agents/report/analysis/statistics/numeric-summary.ts'
import { normalNumbers } from '../normal-numbers.ts'

t.test('shapes of distributions', async (t) => {
  const normal = normalNumbers(400, 21)
  const shape = (values: Float64Array) => numericSummary(values, 0).distribution
  t.equal(shape(normal), 'symmetric')
  t.equal(shape(normal.map(Math.exp)), 'right-skewed')
  t.equal(shape(normal.map((value) => -Math.exp(value))), 'left-skewed')
  t.equal(shape(normal.map((value, i) => value + (i % 2) * 8)), 'bimodal')
  t.equal(shape(normal.map((value, i) => value / Math.abs(normal[(i + 7) % 400]!))), 'heavy-tailed')
  t.equal(shape(normal.map((value) => Math.round(value * 2))), 'symmetric')
  t.equal(shape(new Float64Array(9).fill(3)), 'constant')
  t.equal(shape(Float64Array.of(1, 2)), 'too few values')
})
