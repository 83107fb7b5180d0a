import t from 'tap'
import { submissionOf } from '../../../services/cli/commands/task.ts'
import { runningTask } from '../task-fixtures.ts'

t.test('a task is submitted once more as it was', async (t) => {
  t.strictSame(submissionOf(runningTask), {
    type: 'report',
    input: runningTask.input,
    priority: 1,
    deadlineMs: 900_000,
  })
})

t.test('of a bare plan the plan belongs to it; labels and a key where there are any', async (t) => {
  const labels = { team: 'north' }
  const submission = submissionOf({ ...runningTask, type: 'plan', labels }, 'key-1')
  t.match(submission, {
    type: 'plan',
    plan: { steps: [{ id: 'join' }, {}, {}] },
    labels,
    idempotencyKey: 'key-1',
  })
})

t.test('a deadline is counted from the start of its first step, and is at least a millisecond', async (t) => {
  t.equal(submissionOf({ ...runningTask, startAtMs: 61_000 }).deadlineMs, 840_000)
  t.equal(submissionOf({ ...runningTask, deadlineAtMs: 0 }).deadlineMs, 1)
})
