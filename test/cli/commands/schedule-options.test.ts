import { Command } from 'commander'
import t from 'tap'
import { timetableOf, withTimetable } from '../../../services/cli/commands/schedule-options.ts'

const read = (...argv: string[]) => {
  const command = withTimetable(new Command().exitOverride().configureOutput({ writeErr: () => undefined }))
  return timetableOf(command.parse(argv, { from: 'user' }).opts())
}

t.test('when a schedule runs, by the fields of a request', async (t) => {
  t.strictSame(read(), {})
  t.strictSame(read('--cron', '30 2 * * *', '--timezone', 'Europe/Berlin'), {
    cron: '30 2 * * *',
    timezone: 'Europe/Berlin',
  })
  t.strictSame(read('--every', '15m', '--start', '2026-11-01', '--end', '2026-11-01T08:30:00Z'), {
    everyMs: 900_000,
    startAtMs: Date.parse('2026-11-01T00:00:00Z'),
    endAtMs: Date.parse('2026-11-01T08:30:00Z'),
  })
  t.throws(() => read('--start', '2026-02-30'), /must be a date/)
  t.throws(() => read('--every', '15'), /must be a number with a unit/)
})
