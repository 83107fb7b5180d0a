import t from 'tap'
import { type ScheduleState, scheduleDefinitionSchema } from '#schemas/schedule.ts'
import { newSchedule } from '#workflow/schedule/decide-schedule.ts'
import {
  countOccurrences,
  dueOccurrences,
  MAX_COUNTED,
  nextDueMs,
} from '#workflow/schedule/due-occurrences.ts'

const BORN = Date.parse('2026-03-29T00:30:00Z')
const HOUR = 3_600_000
const schedule = (more: object): ScheduleState =>
  newSchedule(
    { tenant: 'acme', name: 'any' },
    scheduleDefinitionSchema.parse({ submission: { type: 'report' }, ...more }),
    BORN,
  )

t.test('the newest within its window, and what is missed before it', async (t) => {
  const hourly = schedule({ cron: '0 * * * *', catchUp: { policy: 'latest', windowMs: HOUR } })
  t.equal(dueOccurrences(hourly, BORN + 1000), undefined)
  t.strictSame(dueOccurrences(hourly, BORN + 3.6 * HOUR), {
    starts: [BORN + 3.5 * HOUR],
    missed: 3,
    newestMs: BORN + 3.5 * HOUR,
  })
  const daily = schedule({ cron: '0 1 * * *', catchUp: { policy: 'latest', windowMs: HOUR } })
  t.strictSame(dueOccurrences(daily, BORN + 2 * HOUR), { starts: [], missed: 1, newestMs: BORN + 0.5 * HOUR })
})

t.test('a time that the clocks leave out is caught up on like any other', async (t) => {
  const berlin = schedule({ cron: '30 2 * * *', timezone: 'Europe/Berlin' })
  t.equal(nextDueMs(berlin), Date.parse('2026-03-29T01:00:00Z'))
  t.match(dueOccurrences(berlin, BORN + 5 * HOUR), {
    starts: [Date.parse('2026-03-29T01:00:00Z')],
    missed: 0,
  })
})

t.test('counting ends', async (t) => {
  const state = schedule({ everyMs: 1000 })
  t.equal(countOccurrences(state, { afterMs: BORN, untilMs: BORN + 5000 }), 5)
  t.equal(countOccurrences(state, { afterMs: BORN, untilMs: BORN }), 0)
  t.equal(countOccurrences(state, { afterMs: BORN, untilMs: BORN + 1e9 }), MAX_COUNTED)
  t.equal(countOccurrences(schedule({ cron: '@yearly' }), { afterMs: BORN, untilMs: BORN + 1e9 }), 0)
})

t.test('a schedule that is over is never due', async (t) => {
  const over = schedule({ everyMs: 1000, endAtMs: BORN + 2500 })
  t.strictSame(dueOccurrences({ ...over, cursorMs: BORN + 1000 }, BORN + 9000)?.starts, [BORN + 2000])
  t.equal(nextDueMs({ ...over, cursorMs: BORN + 2000 }), undefined)
  t.equal(dueOccurrences({ ...over, cursorMs: BORN + 2000 }, BORN + 9000), undefined)
})
