import t from 'tap'
import {
  leastSquares,
  linearDesign,
} from '../../../../../services/agents/report/analysis/statistics/least-squares.ts'

t.test('dependent columns are refused, not fitted', async (t) => {
  t.equal(
    leastSquares(
      linearDesign([
        [1, 2, 3, 4],
        [2, 4, 6, 8],
      ]),
      [1, 2, 3, 4],
      true,
    ),
    null,
  )
  t.equal(leastSquares(linearDesign([[1], [2]]), [1], true), null)
})
