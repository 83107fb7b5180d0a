import t from 'tap'
import { type Schedule, scheduleExample } from '#schemas/schedule.ts'
import { noPaint as paint } from '../../../services/cli/output/paint.ts'
import { renderSchedule, scheduleRow } from '../../../services/cli/schedules/render-schedule.ts'

const NOW = scheduleExample.nextRuns[0]!.atMs - 60_000
const text = (about: Partial<Schedule> = {}) =>
  renderSchedule({ ...scheduleExample, ...about }, NOW, paint).join('\n')

t.test('one schedule: when, what, how it does, and its next runs', async (t) => {
  const shown = text()
  t.match(shown, /when +30 2 \* \* \* Europe\/Berlin/)
  t.match(shown, /catch-up +latest within 1 h 00 min/)
  t.match(shown, /2026-03-29T03:00:00\+02:00 +2026-03-29T01:00:00\.000Z +1 min 00 s/)
  t.notMatch(shown, /jitter|runs now|last skip/)
})

t.test('what stops it, in words', async (t) => {
  const shown = text({
    paused: { atMs: NOW - 1000, reason: 'moving\u001b[31m' },
    nextRuns: [],
    jitterMs: 5000,
    catchUp: { policy: 'all', windowMs: 60_000, maxRuns: 3 },
    running: [{ scheduledAtMs: NOW, startedAtMs: NOW, taskId: 'tx' }],
    lastSkip: {
      scheduledAtMs: NOW - 5000,
      why: 'refused',
      problem: { code: 'UNKNOWN_AGENT', status: 400, message: 'no agent', fix: 'start it' },
    },
  })
  t.match(shown, /state +paused 1\.00 s ago: moving\S*\n/)
  t.notOk(shown.includes('\u001b'), 'no control characters of others')
  t.match(shown, /jitter +up to 5\.00 s/)
  t.match(shown, /all within 1 min 00 s, 3 at once/)
  t.match(shown, /runs now +tx/)
  t.match(shown, /last skip +refused, 5\.00 s ago: UNKNOWN_AGENT: no agent/)
})

t.test('a line of a list', async (t) => {
  const { submission, running: _running, ...rest } = scheduleExample
  const cells = (about: object) =>
    scheduleRow({ ...rest, type: submission.type, ...about }, NOW).map((cell) => cell.text)
  t.strictSame(cells({}).slice(0, 3), ['nightly', '30 2 * * * Europe/Berlin', 'active'])
  t.equal(cells({ cron: undefined, everyMs: 900_000 })[1], 'every 15 min 00 s')
  t.equal(cells({ nextRuns: [] })[2], 'over')
  t.equal(cells({ paused: { atMs: 1 } })[2], 'paused')
  t.equal(cells({ counts: { started: 4, overlap: 1, missed: 2, paused: 3, refused: 4 } })[6], '10')
})
