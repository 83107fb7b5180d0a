import t from 'tap'
import { rank } from '#platform/statistics/rank.ts'
import { spearman } from '../../../../../services/agents/report/analysis/statistics/correlation.ts'
import {
  pairProducts,
  standardisedColumn,
} from '../../../../../services/agents/report/analysis/statistics/pairwise-products.ts'
import { close } from '../close-to.ts'
import { normalNumbers } from '../normal-numbers.ts'

const standardised = (values: Float64Array) => {
  const present = Uint32Array.from(values.keys()).filter((i) => !Number.isNaN(values[i]!))
  const { order } = rank(Float64Array.from(present, (i) => values[i]!))
  return standardisedColumn(
    values,
    order.map((position) => present[position]!),
  )
}

t.test('complete columns: Spearman’s coefficient itself', async (t) => {
  const a = normalNumbers(80, 1).map(Math.round)
  const b = normalNumbers(80, 2).map((value, i) => value + a[i]!)
  const { n, together } = pairProducts(standardised(a), standardised(b), false)
  t.equal(n, 80)
  close(t, together, spearman(a, b)!)
})

t.test('missing values: only rows with both; a hump shows at the ends', async (t) => {
  const a = Float64Array.from({ length: 101 }, (_, i) => i - 50)
  const b = a.map((value, i) => (i === 3 ? Number.NaN : -value * value))
  const { n, together, bAtEndsOfA } = pairProducts(standardised(a), standardised(b), true)
  t.equal(n, 100)
  t.ok(Math.abs(together) < 0.1)
  t.ok(bAtEndsOfA < -0.9)
})
