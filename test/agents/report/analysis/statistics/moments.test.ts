import t from 'tap'
import { moments } from '../../../../../services/agents/report/analysis/statistics/moments.ts'
import { close } from '../close-to.ts'

t.test('skewness and kurtosis are the adjusted ones', async (t) => {
  const found = moments([2, 8, 0, 4, 1, 9, 9, 0])
  close(t, found.skewness, 0.3305821804079746)
  close(t, found.kurtosis, -2.098602258096087)
})
