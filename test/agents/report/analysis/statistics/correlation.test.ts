import t from 'tap'
import {
  pearson,
  spearman,
  spearmanPValue,
} from '../../../../../services/agents/report/analysis/statistics/correlation.ts'
import { close } from '../close-to.ts'

t.test('correlation coefficients and their p', async (t) => {
  close(t, spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]), 0.8)
  close(t, pearson([1, 2, 3], [1, 2, 4]), 0.9819805060619659)
  t.equal(pearson([1, 1, 1], [1, 2, 3]), null)
  t.throws(() => pearson([1], [1, 2]), RangeError)
  close(t, spearmanPValue(1, 5), 2 / 120)
  close(t, spearmanPValue(0.8, 5), 0.10408803866182788)
})
