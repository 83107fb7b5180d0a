import t from 'tap'
import { rank } from '#platform/statistics/rank.ts'
import { normalNumbers } from '../../agents/report/analysis/normal-numbers.ts'

t.test('ranks agree between short and long samples', async (t) => {
  const values = normalNumbers(5000, 3).map((value) => Math.round(value * 50) / 50)
  const { ranks, order } = rank(values)
  for (let i = 1; i < order.length; i++) {
    const [before, here] = [order[i - 1]!, order[i]!]
    if (
      values[before]! > values[here]! ||
      (values[before] === values[here]) !== (ranks[before] === ranks[here])
    ) {
      t.fail(`positions ${before} and ${here} are out of order`)
    }
  }
  t.equal(
    ranks.reduce((sum, r) => sum + r, 0),
    (5000 * 5001) / 2,
  )
  t.same([...rank([30, -0, 0, -5]).ranks], [4, 2.5, 2.5, 1])
})
