import fc from 'fast-check'
import t from 'tap'
import { type Schedule, scheduleSchema } from '#schemas/watch-rule.ts'
import { isActive } from '../../../../services/agents/video/frames/schedule.ts'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Pacific/Auckland',
  'Australia/Lord_Howe',
]
const hours = (n: number) => n * 3_600_000

const schedule = (given: object): Schedule => scheduleSchema.parse(given)
const at = (schedule: Schedule, time: string) => isActive(schedule, Date.parse(time))

t.test('no schedule is always', async (t) => {
  t.equal(isActive(undefined, 0), true)
  t.equal(at(schedule({}), '2026-07-01T00:00:00Z'), true)
})

t.test('a night belongs to the day on which it begins', async (t) => {
  const night = schedule({ days: ['fri'], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' })
  t.equal(at(night, '2026-07-03T19:59:00Z'), false, 'Friday 21:59')
  t.equal(at(night, '2026-07-03T20:00:00Z'), true, 'Friday 22:00')
  t.equal(at(night, '2026-07-04T03:59:00Z'), true, 'Saturday 05:59')
  t.equal(at(night, '2026-07-04T04:00:00Z'), false, 'Saturday 06:00')
  t.equal(at(night, '2026-07-04T20:30:00Z'), false, 'Saturday 22:30')
  t.equal(at(night, '2026-07-03T02:00:00Z'), false, 'Friday 04:00 is Thursday’s night')
})

t.test('summer time: skipped and repeated hours are what the clock on the wall shows', async (t) => {
  const early = schedule({ from: '02:00', to: '03:00', timeZone: 'Europe/Berlin' })
  const minutes = (from: string) =>
    Array.from({ length: 24 * 60 }, (_, i) => Date.parse(from) + i * 60_000).filter((ms) =>
      isActive(early, ms),
    ).length
  t.equal(minutes('2026-03-28T23:00:00Z'), 0, 'the clock goes from 02:00 to 03:00')
  t.equal(minutes('2026-06-01T22:00:00Z'), 60)
  t.equal(minutes('2026-10-24T22:00:00Z'), 120, 'the hour comes twice')
})

t.test('it holds exactly when a list of all nights says so', async () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)
  const given = fc.record({
    days: fc.option(fc.subarray([...DAYS], { minLength: 1 }), { nil: undefined }),
    from: time,
    to: time,
    timeZone: fc.constantFrom(...ZONES),
  })
  const moment = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2028-01-01') })
  fc.assert(
    fc.property(
      given,
      moment,
      (given, atMs) => isActive(schedule(given), atMs) === expected(schedule(given), atMs),
    ),
    { numRuns: 2000 },
  )
})

/** Lays the intervals of ten days over the local date and time, as texts: another way than the code's. */
function expected({ days, from, to, timeZone }: Schedule, atMs: number): boolean {
  const local = new Date(atMs).toLocaleString('sv-SE', { timeZone }).slice(0, 16)
  const today = Date.parse(`${local.slice(0, 10)}T00:00:00Z`)
  for (let day = -1; day <= 1; day++) {
    const begins = new Date(today + day * hours(24))
    const ends = new Date(begins.getTime() + (to > from ? 0 : hours(24)))
    const weekday = DAYS[(begins.getUTCDay() + 6) % 7]!
    const first = `${begins.toISOString().slice(0, 10)} ${from}`
    const last = `${ends.toISOString().slice(0, 10)} ${to}`
    if ((!days || days.includes(weekday)) && local >= first && local < last) return true
  }
  return false
}
