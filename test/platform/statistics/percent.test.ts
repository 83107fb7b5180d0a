import t from 'tap'
import { percent } from '#platform/statistics/percent.ts'

t.test('a share as people read it', async (t) => {
  t.strictSame([0, 0.004, 0.849, 1, 1.2].map(percent), ['0 %', '0 %', '85 %', '100 %', '120 %'])
})
