import t from 'tap'
import { seededRandom } from '../../../../../services/agents/report/analysis/statistics/change-points.ts'
import { independenceTest } from '../../../../../services/agents/report/analysis/statistics/independence-test.ts'

const grouping = (groups: number[], groupCount: number) => ({ groups, groupCount })

t.test('the method follows from the size of the table and from what is expected in its cells', async (t) => {
  const pair = (n: number, rows: number, columns: number) =>
    independenceTest(
      grouping(
        Array.from({ length: n }, (_, i) => i % rows),
        rows,
      ),
      grouping(
        Array.from({ length: n }, (_, i) => Math.floor(i / rows) % columns),
        columns,
      ),
    )
  t.equal(pair(40, 2, 2)?.method, 'Fisher’s exact test')
  t.equal(pair(400, 3, 4)?.method, 'chi-square test')
  t.equal(pair(24, 3, 4)?.method, 'permutation chi-square test')
  t.equal(independenceTest(grouping([0, 0], 1), grouping([0, 1], 2)), null)
})

t.test('small counts: the level is kept, and what goes together is found', async (t) => {
  const random = seededRandom(11)
  const draw = (shares: number[]) => {
    const at = random()
    let sum = 0
    return shares.findIndex((share) => {
      sum += share
      return sum > at
    })
  }
  const skewed = [0.6, 0.3, 0.06, 0.04]
  let rejected = 0
  for (let round = 0; round < 60; round++) {
    const a = Array.from({ length: 30 }, () => draw(skewed))
    const b = Array.from({ length: 30 }, () => draw(skewed))
    if ((independenceTest(grouping(a, 4), grouping(b, 4))?.pValue ?? 1) <= 0.05) rejected += 1
  }
  t.ok(rejected <= 8, `${rejected} of 60 at 0.05`)
  const a = Array.from({ length: 30 }, () => draw(skewed))
  t.ok((independenceTest(grouping(a, 4), grouping(a, 4))?.pValue ?? 1) < 0.001)
})
