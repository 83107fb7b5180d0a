import t from 'tap'
import type { StepState, TaskState } from '#schemas/task.ts'
import { retryOrder } from '#workflow/plan/retry-order.ts'
import { taskState } from '../../support/task-states.ts'

const done = (output: StepState['output']): StepState => ({
  status: 'completed',
  attempt: 1,
  output: output!,
})
const PLAN: TaskState['plan'] = {
  steps: [
    { id: 'a', agent: 'x' },
    { id: 'b', agent: 'x', needs: ['a'] },
    { id: 'c', agent: 'x', needs: ['b'] },
    { id: 'd', agent: 'x' },
  ],
}
const over = (about: Partial<TaskState> = {}) =>
  taskState('t', {
    status: 'failed',
    plan: PLAN,
    steps: {
      a: done(1),
      b: { status: 'failed', attempt: 3 },
      c: { status: 'skipped', attempt: 0 },
      d: done({ x: 1 }),
    },
    ...about,
  })
const request = { taskId: 't', requestId: 'r' }

t.test('what failed and what follows runs again, the rest is kept', async (t) => {
  const { submission, results } = retryOrder(over({ labels: { l: 'v' }, startAtMs: 5000 }), request)
  t.strictSame(results, { a: 1, d: { x: 1 } })
  t.strictSame(submission, {
    type: 'plan',
    plan: PLAN,
    input: { n: 1 },
    priority: 1,
    deadlineMs: 896_000,
    idempotencyKey: 'retry:t:r',
    labels: { l: 'v' },
  })
})

t.test('from a step: it and all that follows, however far', async (t) => {
  const all = over({ steps: { a: done(1), b: done(2), c: done(3), d: done(4) } })
  t.strictSame(retryOrder(all, { ...request, fromSteps: ['a'] }).results, { d: 4 })
  t.strictSame(retryOrder(all, { ...request, fromSteps: ['c'] }).results, { a: 1, b: 2, d: 4 })
  t.strictSame(retryOrder(all, request).results, { a: 1, b: 2, c: 3, d: 4 })
  t.throws(() => retryOrder(all, { ...request, fromSteps: ['zz'] }), {
    code: 'INVALID_REQUEST',
    issues: [{ path: 'fromSteps' }],
  })
})

t.test('what was undone runs again, and an output that is none is null', async (t) => {
  const undone: StepState = { ...done(1), compensated: 'completed' }
  const silent: StepState = { status: 'completed', attempt: 1 }
  const task = over({ steps: { a: undone, b: done(2), c: done(3), d: silent } })
  t.strictSame(retryOrder(task, request).results, { d: null })
})

t.test('another input, and another plan: steps of the same id keep their results', async (t) => {
  const plan: TaskState['plan'] = {
    steps: [
      { id: 'a', agent: 'x' },
      { id: 'new', agent: 'y', needs: ['a'] },
      { id: 'd', agent: 'x', needs: ['new'] },
    ],
  }
  const { submission, results } = retryOrder(over(), { ...request, input: { n: 2 }, plan })
  t.strictSame(submission.input, { n: 2 })
  t.equal(submission.plan, plan)
  t.strictSame(results, { a: 1 }, 'd needs what is new')
})
