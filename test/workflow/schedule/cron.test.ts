import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readCron, readZone } from '../../../services/workflow/schedule/cron.ts'

const ms = (iso: string) => Date.parse(iso)
const DAY_MS = 86_400_000

/** All runs of some days, in UTC. */
function runs(cron: string, timezone: string, from: string, days: number): string[] {
  const times = readCron(cron, timezone)
  const found: string[] = []
  const endMs = ms(from) + days * DAY_MS
  for (let atMs = times.next(ms(from) - 1); atMs !== undefined && atMs < endMs; atMs = times.next(atMs))
    found.push(new Date(atMs).toISOString().slice(5, 16))
  return found
}

t.test('a daily 02:30 runs once a day, also when the clocks are changed', async (t) => {
  t.strictSame(
    runs('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3),
    ['03-28T01:30', '03-29T01:00', '03-30T00:30'],
    'spring: 02:30 does not exist, so it is 03:00',
  )
  t.strictSame(
    runs('30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00:00Z', 3),
    ['10-24T00:30', '10-25T00:30', '10-26T01:30'],
    'autumn: the first of two',
  )
  t.strictSame(
    runs('30 2 * * *', 'America/New_York', '2026-03-07T00:00:00Z', 3),
    ['03-07T07:30', '03-08T07:00', '03-09T06:30'],
    'New York, spring',
  )
  t.strictSame(
    runs('30 1 * * *', 'America/New_York', '2026-10-31T00:00:00Z', 3),
    ['10-31T05:30', '11-01T05:30', '11-02T06:30'],
    'New York, autumn',
  )
  t.strictSame(
    runs('15 2 * * *', 'Australia/Lord_Howe', '2026-10-02T16:00:00Z', 3),
    ['10-03T15:30', '10-04T15:15', '10-05T15:15'],
    'half an hour is missing: 02:15 is 02:30',
  )
  t.strictSame(
    runs('45 1 * * *', 'Australia/Lord_Howe', '2026-04-03T16:00:00Z', 3),
    ['04-04T14:45', '04-05T15:15', '04-06T15:15'],
    'half an hour comes twice',
  )
  for (const zone of ['UTC', 'Asia/Kolkata', 'America/Phoenix'])
    t.equal(runs('30 2 * * *', zone, '2026-03-01T00:00:00Z', 365).length, 365, `${zone} has no summer time`)
})

t.test('with a * or a step it is about the time that passes', async (t) => {
  t.strictSame(
    runs('*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z', 0.125),
    ['10-25T00:00', '10-25T00:30', '10-25T01:00', '10-25T01:30', '10-25T02:00', '10-25T02:30'],
    'the hour that there is twice has its runs twice',
  )
  t.strictSame(
    runs('0 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 0.125),
    ['03-29T00:00', '03-29T01:00', '03-29T02:00'],
    'the hour that does not exist has none',
  )
})

t.test('lists and ranges of numbers run at each time once', async (t) => {
  t.strictSame(runs('0,30 2,3 * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 1), [
    '03-29T01:00',
    '03-29T01:30',
  ])
  t.equal(runs('0 2-3 * * *', 'Europe/Berlin', '2026-10-25T00:00:00Z', 0.25).length, 2)
})

t.test('five years in zones with odd rules: a daily job runs on every day, and on none twice', async (t) => {
  for (const zone of [
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Asia/Gaza',
  ]) {
    const times = readCron('30 2 * * *', zone)
    const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone })
    const days = new Set<string>()
    let count = 0
    const endMs = ms('2031-01-01T00:00:00Z')
    for (
      let at = times.next(ms('2026-01-02T00:00:00Z'));
      at !== undefined && at < endMs;
      at = times.next(at)
    ) {
      days.add(format.format(at))
      count++
    }
    t.equal(days.size, count, `${zone}: never twice`)
    t.ok(count >= 1824, `${zone}: on every day, ${count}`)
  }
})

t.test('the last run before a moment is the one that comes before the next', async (t) => {
  for (const [cron, zone] of [
    ['30 2 * * *', 'Europe/Berlin'],
    ['*/7 1-3 * * *', 'Europe/Berlin'],
    ['0,30 2,3 * * *', 'America/New_York'],
    ['*/15 * * * *', 'Australia/Lord_Howe'],
    ['15 2 * * *', 'Australia/Lord_Howe'],
    ['@weekly', 'Asia/Kolkata'],
  ] as const)
    for (const from of [
      '2026-03-07T00:00:00Z',
      '2026-03-28T00:00:00Z',
      '2026-04-03T00:00:00Z',
      '2026-10-02T00:00:00Z',
      '2026-10-24T00:00:00Z',
      '2026-10-31T00:00:00Z',
    ]) {
      const times = readCron(cron, zone)
      let before = times.next(ms(from))!
      for (let i = 0; i < 150; i++) {
        const next = times.next(before)!
        const said = [times.latest(before), times.latest(next - 1), times.latest(next)]
        if (said[0] !== before || said[1] !== before || said[2] !== next)
          return t.fail(`${cron} ${zone} at ${new Date(before).toISOString()}: ${said}`)
        before = next
      }
    }
  t.pass('they agree')
})

t.test('what is wrong is said, with where and how to mend it', async (t) => {
  const fault = (cron: string, zone = 'UTC') => {
    try {
      readCron(cron, zone)
      return undefined
    } catch (error) {
      t.type(error, MurmurError)
      const { code, message, issues } = error as MurmurError
      t.equal(code, 'INVALID_SCHEDULE')
      return `${issues?.[0]?.path}: ${message}`
    }
  }
  t.match(fault('* * * *'), /^cron: .*has 4 fields; it needs five: minute, hour/)
  t.match(fault('* * * * * *'), /six fields.*everyMs/)
  t.match(fault('61 * * * *'), /Invalid value for minute: 61/)
  t.match(fault('*/70 * * * *'), /steps/)
  t.match(fault('@dayly'), /there is no "@dayly"; there are @hourly/)
  t.match(fault('@reboot'), /there is no "@reboot"/)
  t.match(fault('? * * * *'), /has a "\?"/)
  t.match(fault('2026-01-01T00:00:00'), /has 1 fields/)
  t.match(fault(''), /has 0 fields/)
  t.match(fault('0 0 * * FOO'), /can't be read/)
  t.match(fault('0 0 * * *', 'Mars/Olympus'), /^timezone: .*no time zone.*Europe\/Berlin/)
  t.match(fault('0 0 * * *', '+01:00'), /no time zone/)
  t.equal(fault('  0   5 * *  MON-FRI '), undefined)
  t.equal(fault('@Daily'), undefined)
  t.equal(readZone('europe/berlin'), 'Europe/Berlin')
})

t.test('a day that does not exist has no run', async (t) => {
  t.equal(readCron('0 0 30 2 *', 'UTC').next(ms('2026-01-01T00:00:00Z')), undefined)
  t.equal(readCron('0 0 29 2 *', 'UTC').next(ms('2026-01-01T00:00:00Z')), ms('2028-02-29T00:00:00Z'))
})
