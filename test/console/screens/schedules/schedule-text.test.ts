import t from 'tap'
import { SKIP_REASONS } from '#schemas/schedule.ts'
import {
  localText,
  skippedText,
  skipText,
  whenOf,
} from '../../../../services/console/screens/schedules/schedule-text.ts'

t.test('when it runs', async (t) => {
  t.equal(whenOf({ cron: '@daily', timezone: 'UTC' }), '@daily · UTC')
  t.equal(whenOf({ everyMs: 900_000, timezone: 'UTC' }), 'every 15 min')
})

t.test('a time is told in the zone that it names', async (t) => {
  t.equal(localText('2026-03-29T03:00:00+02:00'), '29 Mar 2026, 03:00 +02:00')
  t.equal(localText('2026-12-01T03:00:30Z'), '1 Dec 2026, 03:00:30 UTC')
  t.equal(localText('soon'), 'soon')
})

t.test('what was left out, and why', async (t) => {
  const none = { started: 3, overlap: 0, missed: 0, paused: 0, refused: 0 }
  t.equal(skippedText(none), undefined)
  t.equal(skippedText({ ...none, overlap: 2, refused: 1 }), '2 overlap, 1 refused')
  for (const why of SKIP_REASONS) t.not(skipText(why), why)
})
