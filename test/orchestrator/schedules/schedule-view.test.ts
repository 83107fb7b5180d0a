import t from 'tap'
import { scheduleDefinitionSchema, scheduleSchema, scheduleSummarySchema } from '#schemas/schedule.ts'
import { newSchedule } from '#workflow/schedule/decide-schedule.ts'
import { scheduleSummary, scheduleView } from '../../../services/orchestrator/schedules/schedule-view.ts'

const NOW = Date.parse('2026-03-28T12:00:00Z')
const definition = scheduleDefinitionSchema.parse({
  cron: '30 2 * * *',
  timezone: 'Europe/Berlin',
  submission: { type: 'report', input: { n: 1 } },
})
const state = {
  ...newSchedule({ tenant: 'acme', name: 'nightly' }, definition, NOW - 1000),
  pending: [{ scheduledAtMs: 1 }],
  running: [{ scheduledAtMs: 1, taskId: 'ended', startedAtMs: 2 }],
}

t.test(
  'all that clients see: the definition, what runs, the next five runs, and nothing of the inside',
  async (t) => {
    const view = scheduleView(state, NOW, [])
    t.ok(scheduleSchema.strict().safeParse(view).success)
    t.strictSame(view.running, [])
    t.strictSame(
      view.nextRuns.map(({ local }) => local),
      ['29T03:00', '30T02:30', '31T02:30']
        .map((day) => `2026-03-${day}:00+02:00`)
        .concat(['2026-04-01T02:30:00+02:00', '2026-04-02T02:30:00+02:00']),
    )
  },
)

t.test('a line: without what it submits, with its type and its next run', async (t) => {
  const line = scheduleSummary(state, NOW)
  t.ok(scheduleSummarySchema.strict().safeParse(line).success)
  t.match(line, { type: 'report', nextRuns: { length: 1 } })
})

t.test('no next runs while it is paused, and of one whose zone this machine does not know', async (t) => {
  t.strictSame(scheduleView({ ...state, paused: { atMs: NOW } }, NOW, []).nextRuns, [])
  const gone = { ...definition, timezone: 'Nowhere/Land' }
  t.strictSame(scheduleView({ ...state, definition: gone }, NOW, []).nextRuns, [])
})
