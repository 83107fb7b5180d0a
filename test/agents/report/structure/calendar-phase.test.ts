import t from 'tap'
import {
  hourOf,
  monthOf,
  quarterOf,
  weekdayOf,
} from '../../../../services/agents/report/structure/calendar-phase.ts'

const STEP_MS = 86_400_000 * 13.37

t.test('the same as Date, from the year 1600 to 2400', async (t) => {
  for (let ms = Date.UTC(1600, 0, 1); ms < Date.UTC(2400, 0, 1); ms += STEP_MS) {
    const date = new Date(Math.floor(ms))
    const expected = [date.getUTCMonth(), date.getUTCDay(), date.getUTCHours()]
    const at = date.getTime()
    if ([monthOf(at), weekdayOf(at), hourOf(at)].join() !== expected.join()) t.fail(date.toISOString())
  }
  t.strictSame([monthOf(Date.UTC(2024, 1, 29)), monthOf(Date.UTC(2023, 1, 28))], [1, 1])
  t.equal(quarterOf(Date.UTC(2024, 9, 1)), 3)
})
