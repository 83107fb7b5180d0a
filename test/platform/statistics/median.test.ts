import t from 'tap'
import { medianAbsoluteDeviation } from '#platform/statistics/median.ts'

t.test('the median absolute deviation is unscaled', async (t) => {
  t.equal(medianAbsoluteDeviation([1, 1, 2, 2, 4, 6, 9], 2), 1)
})
