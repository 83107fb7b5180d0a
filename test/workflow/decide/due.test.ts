import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskState } from '#schemas/task.ts'
import { endsAtMs, nextDueMs, runsDue } from '#workflow/decide/due.ts'
import { taskState } from '../../support/task-states.ts'

const state = (about: Partial<TaskState> = {}) =>
  taskState('t', {
    deadlineAtMs: 9000,
    plan: { steps: ['b', 'a'].map((id) => ({ id, agent: 'x' })) },
    steps: {
      a: { status: 'sleeping', attempt: 0, wakeAtMs: 7000 },
      b: { status: 'running', attempt: 0, runs: { 3: { status: 'backoff', attempt: 1, retryAtMs: 5000 } } },
    },
    ...about,
  })

t.test('the next timer is the first of all that steps and their runs wait for', async (t) => {
  t.equal(nextDueMs(state()), 5000)
  t.equal(nextDueMs(state({ status: 'completed' })), undefined)
  t.equal(nextDueMs(state({ status: 'scheduled', startAtMs: 3000 })), 3000)
  t.equal(nextDueMs(state({ deadlineAtMs: 4000 })), 4000)
})

t.test('what is due comes in the order of the plan', async (t) => {
  const due = (untilMs: number, about?: Partial<TaskState>) =>
    runsDue(state(about), untilMs).map(({ runId }) => runId)
  t.strictSame(due(5000), ['b.3'])
  t.strictSame(due(8000), ['b.3', 'a'])
  t.strictSame(due(8000, { status: 'paused' }), [], 'not while it is paused')
})

t.test('a pause ends by itself, and until then the deadline stands still', async (t) => {
  const paused = state({ status: 'paused', pausedAtMs: 2000 })
  t.equal(endsAtMs(paused), 2000 + LIMITS.taskDeadlineMs)
  t.equal(nextDueMs(paused), 2000 + LIMITS.taskDeadlineMs)
  t.equal(endsAtMs(state()), 9000)
})
