import t from 'tap'
import { blockMeans } from '../../../../../services/agents/report/analysis/statistics/block-means.ts'

t.test('runs of nearly equal size', async (t) => {
  t.strictSame([...blockMeans(Float64Array.of(1, 3, 5, 7, 9), 2)], [2, 7])
  t.strictSame([...blockMeans(Float64Array.of(1, 3), 2)], [1, 3])
})
