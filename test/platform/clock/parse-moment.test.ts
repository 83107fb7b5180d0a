import t from 'tap'
import { parseMoment } from '#platform/clock/parse-moment.ts'

t.test('dates and times of the calendar are read', async (t) => {
  t.equal(parseMoment('2026-11-01'), Date.UTC(2026, 10, 1))
  t.equal(parseMoment('2028-02-29'), Date.UTC(2028, 1, 29))
  t.equal(parseMoment('2026-11-01T08:30:00Z'), Date.UTC(2026, 10, 1, 8, 30))
  t.equal(parseMoment('2026-11-01t08:30:00.25z'), Date.UTC(2026, 10, 1, 8, 30, 0, 250))
  t.equal(parseMoment('2026-11-01T08:30+02:00'), Date.UTC(2026, 10, 1, 6, 30))
  t.equal(parseMoment('2026-11-01 08:30', { localTime: true }), new Date(2026, 10, 1, 8, 30).getTime())
})

t.test('what is no day, no time or no date is none', async (t) => {
  for (const text of [
    '2026-02-30',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31T10:00:00Z',
    '2026-11-01T24:00:00Z',
    '2026-11-01T10:60Z',
    '2026-11-01T10:00',
    '2026-11',
    '2026-11-01x',
    'May',
    '',
  ])
    t.equal(parseMoment(text), undefined, text)
})
