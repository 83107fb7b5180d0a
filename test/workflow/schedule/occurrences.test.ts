import t from 'tap'
import { localTime, nextRuns, occurrencesOf } from '../../../services/workflow/schedule/occurrences.ts'

const UTC = { timezone: 'UTC' }
const ms = (iso: string) => Date.parse(iso)

t.test('an interval is counted from its start, or from the beginning of time', async (t) => {
  const plain = occurrencesOf({ ...UTC, everyMs: 60_000 })
  t.equal(plain.next(ms('2026-05-01T10:00:30Z')), ms('2026-05-01T10:01:00Z'))
  t.equal(plain.next(ms('2026-05-01T10:01:00Z')), ms('2026-05-01T10:02:00Z'), 'after, not at')
  const started = occurrencesOf({ ...UTC, everyMs: 90_000, startAtMs: ms('2026-05-01T10:00:10Z') })
  t.equal(started.next(0), ms('2026-05-01T10:00:10Z'), 'the start itself is one')
  t.equal(started.next(ms('2026-05-01T10:00:10Z')), ms('2026-05-01T10:01:40Z'))
})

t.test('nothing before the start, nothing at the end', async (t) => {
  const times = occurrencesOf({
    ...UTC,
    cron: '0 * * * *',
    startAtMs: ms('2026-05-01T10:00:00Z'),
    endAtMs: ms('2026-05-01T12:00:00Z'),
  })
  t.equal(times.next(0), ms('2026-05-01T10:00:00Z'))
  t.equal(times.next(ms('2026-05-01T11:00:00Z')), undefined)
  const all = { afterMs: 0, untilMs: ms('2026-06-01T00:00:00Z') }
  t.strictSame(times.latest(all, 10), [ms('2026-05-01T11:00:00Z'), ms('2026-05-01T10:00:00Z')])
  t.strictSame(times.latest(all, 1), [ms('2026-05-01T11:00:00Z')])
  t.strictSame(times.latest({ afterMs: ms('2026-05-01T11:00:00Z'), untilMs: all.untilMs }, 9), [])
})

t.test('next runs are told in the zone, with the offset of that day', async (t) => {
  const timetable = { cron: '30 2 * * *', timezone: 'Europe/Berlin' }
  t.strictSame(
    nextRuns(timetable, ms('2026-03-28T00:00:00Z'), 3).map(({ local }) => local),
    ['2026-03-28T02:30:00+01:00', '2026-03-29T03:00:00+02:00', '2026-03-30T02:30:00+02:00'],
  )
  t.equal(localTime('Australia/Lord_Howe')(ms('2026-10-04T15:15:00Z')), '2026-10-05T02:15:00+11:00')
  t.equal(localTime('UTC')(0), '1970-01-01T00:00:00+00:00')
  t.strictSame(nextRuns({ ...UTC, cron: '0 0 30 2 *' }, 0, 3), [], 'a day that there is not')
  t.throws(() => nextRuns({ ...UTC }, 0, 3), { code: 'INVALID_SCHEDULE' })
  t.throws(() => nextRuns({ everyMs: 1000, timezone: 'Nowhere/Land' }, 0, 3), { code: 'INVALID_SCHEDULE' })
})
