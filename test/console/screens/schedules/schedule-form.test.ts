import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { putScheduleRequestSchema, scheduleExample } from '#schemas/schedule.ts'
import {
  emptyForm,
  formOf,
  requestOf,
  spanOf,
  timetableOf,
  UNIT_MS,
} from '../../../../services/console/screens/schedules/schedule-form.ts'

t.test('a schedule that is changed in nothing is asked for as it is', async (t) => {
  const schedule = { ...scheduleExample, startAtMs: 5, jitterMs: 7 }
  const { request } = requestOf(formOf(schedule))
  const asked = putScheduleRequestSchema.parse(request)
  const { name, cron, timezone, submission, overlap, catchUp, jitterMs, startAtMs } = schedule
  t.strictSame(asked, { name, cron, timezone, submission, overlap, catchUp, jitterMs, startAtMs })
})

t.test('a new one needs a name; all else is there', async (t) => {
  const form = emptyForm('Europe/Berlin')
  t.strictSame(Object.keys(requestOf(form).faults ?? {}), ['name'])
  const { request } = requestOf({ ...form, name: 'nightly' })
  t.match(putScheduleRequestSchema.parse(request), { name: 'nightly', timezone: 'Europe/Berlin' })
})

t.test('what is missing or wrong is told by field', async (t) => {
  const form = { ...emptyForm('UTC'), name: 'a b', type: ' ', cron: ' ', submission: '[]' }
  t.strictSame(Object.keys(requestOf(form).faults ?? {}).sort(), ['name', 'submission', 'type', 'when'])
  t.match(requestOf({ ...form, submission: '{' }).faults, { submission: /JSON/ })
})

t.test('when it runs, as far as it is said', async (t) => {
  const form = emptyForm('UTC')
  t.strictSame(timetableOf({ ...form, cron: ' @daily ' }), { cron: '@daily', timezone: 'UTC' })
  t.strictSame(timetableOf({ ...form, when: 'every', every: '1.5', unit: 'h' }), {
    everyMs: 5_400_000,
    timezone: 'UTC',
  })
  for (const every of ['', '0', '-1', 'x'])
    t.equal(timetableOf({ ...form, when: 'every', every }), undefined, every)
})

t.test('an interval in its largest unit is the same interval', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_592_000 }), (seconds) => {
      const { every, unit } = spanOf(seconds * 1000)
      assert.equal(Number(every) * UNIT_MS[unit], seconds * 1000)
      assert.ok(Number.isInteger(Number(every)))
    }),
  )
})
