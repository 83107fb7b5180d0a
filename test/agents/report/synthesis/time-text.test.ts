import t from 'tap'
import { clockText, timeText, timeUnitOf } from '../../../../services/agents/report/synthesis/time-text.ts'

t.test('times are as fine as their spacing', async (t) => {
  const day = 86_400_000
  t.equal(timeUnitOf([0, 365 * day, 730 * day]), 'year')
  t.equal(timeUnitOf([0, 31 * day, 59 * day]), 'month')
  t.equal(timeUnitOf([0, day]), 'day')
  t.equal(timeUnitOf([0, 60_000]), 'minute')
  t.equal(timeUnitOf([]), 'day')
  t.equal(timeText(Date.UTC(2019, 2, 3), 'month'), 'Mar 2019')
  t.equal(clockText(3725), '1:02:05')
  t.equal(clockText(65), '1:05')
})
