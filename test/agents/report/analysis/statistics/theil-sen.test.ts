import t from 'tap'
import { theilSen } from '../../../../../services/agents/report/analysis/statistics/theil-sen.ts'

t.test('Theil–Sen is not moved by an outlier', async (t) => {
  const line = theilSen([0, 1, 2, 3, 4], [1, 3, 5, 7, 100])
  t.equal(line?.slope, 2)
  t.equal(line?.intercept, 1)
  t.equal(theilSen([1, 1], [1, 2]), null)
})
