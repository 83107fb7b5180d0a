import t from 'tap'
import { scheduleDefinitionSchema } from '#schemas/schedule.ts'
import { submissionSchema } from '#schemas/submission.ts'
import { newSchedule } from '#workflow/schedule/decide-schedule.ts'
import { submissionOf } from '../../../services/workflow/schedule/scheduled-task.ts'

const AT = Date.parse('2026-03-29T01:00:00Z')
const definition = scheduleDefinitionSchema.parse({
  cron: '@daily',
  submission: { type: 'report', input: { n: 1 }, labels: { team: 'north' }, priority: 2 },
})
const state = newSchedule({ tenant: 'acme', name: 'nightly' }, definition, 1000)

t.test('a run submits what the schedule says, under a key and labels of its own', async (t) => {
  const submission = submissionOf(state, { scheduledAtMs: AT })
  t.strictSame(submission, {
    type: 'report',
    input: { n: 1 },
    priority: 2,
    labels: {
      team: 'north',
      'murmur.schedule': 'nightly',
      'murmur.scheduled-at': '2026-03-29T01:00:00.000Z',
    },
    idempotencyKey: `schedule:nightly:1000:${AT}`,
  })
  t.ok(submissionSchema.safeParse(submission).success)
})

t.test('the key is that of the occurrence, of the request, of this schedule and no later one', async (t) => {
  const key = (about: object, start: object = {}) =>
    submissionOf({ ...state, ...about }, { scheduledAtMs: AT, ...start }).idempotencyKey
  const keys = [
    key({}),
    key({}, { scheduledAtMs: AT + 1 }),
    key({ createdAtMs: 2000 }),
    key({ name: 'other' }),
    key({}, { requestId: 'a' }),
    key({}, { requestId: 'b' }),
  ]
  t.equal(new Set(keys).size, keys.length)
  t.equal(key({}, { requestId: 'a', scheduledAtMs: 1 }), key({}, { requestId: 'a' }))
  t.ok(key({ name: 'x'.repeat(64) }, { requestId: 'y'.repeat(128) }).length <= 256, 'it fits')
})
