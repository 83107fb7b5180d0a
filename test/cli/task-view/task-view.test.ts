import t from 'tap'
import {
  applyEvent,
  liveStepTimes,
  stepTimes,
  type TaskView,
  taskViewOf,
} from '../../../services/cli/task-view/task-view.ts'
import { event, runningTask } from '../task-fixtures.ts'

const start = taskViewOf(runningTask)

function after(view: TaskView, ...events: Parameters<typeof applyEvent>[1][]): TaskView {
  return events.reduce((current, one) => applyEvent(current, one).view, view)
}

t.test('events up to the snapshot are part of it', async (t) => {
  for (const rev of [1, 3]) {
    const { outcome, view } = applyEvent(start, event({ kind: 'step-failed', stepId: 'left', rev }))
    t.equal(outcome, 'ignored')
    t.equal(view, start)
  }
})

t.test('the next event changes its step and those that it dispatched', async (t) => {
  const view = after(
    start,
    event({ kind: 'step-completed', stepId: 'right', attempt: 1, rev: 4, dispatched: ['join'] }),
  )
  t.equal(view.task.rev, 4)
  t.equal(view.task.steps.right?.status, 'completed')
  t.strictSame(view.task.steps.join, { status: 'dispatched', attempt: 1, dispatchedAtMs: 2_000 })
  t.equal(start.task.steps.join?.status, 'waiting', 'the view before it is untouched')
})

t.test('several events of one revision all count', async (t) => {
  const error = { code: 'BROKEN_FILE', message: 'no' }
  const view = after(
    start,
    event({ kind: 'step-failed', stepId: 'right', rev: 4, error }),
    event({ kind: 'failed', rev: 4, error: { ...error, stepId: 'right' } }),
  )
  t.match(view.task, { status: 'failed', finishedAtMs: 2_000, error: { stepId: 'right' } })
  t.match(view.task.steps.right, { status: 'failed', error })
})

t.test('a revision that was left out is a gap', async (t) => {
  t.equal(applyEvent(start, event({ kind: 'step-completed', stepId: 'right', rev: 5 })).outcome, 'gap')
})

t.test('the last event may speak for its step as well', async (t) => {
  const view = after(start, event({ kind: 'completed', stepId: 'right', rev: 4 }))
  t.equal(view.task.status, 'completed')
  t.equal(view.task.steps.right?.status, 'completed')
})

t.test('a final state never changes', async (t) => {
  const view = after(start, event({ kind: 'cancelled', rev: 4 }))
  t.equal(applyEvent(view, event({ kind: 'completed', rev: 5 })).outcome, 'ignored')
})

t.test('progress counts for the attempt that is out', async (t) => {
  const progress = event({
    kind: 'progress',
    stepId: 'right',
    attempt: 1,
    fraction: 0.4,
    note: 'reading',
    atMs: 1_011,
  })
  const view = after(start, progress, { ...progress, fraction: 0.6, atMs: 1_500 })
  t.match(view.progress.right, { fraction: 0.6, firstAtMs: 1_011 })
  t.equal(applyEvent(start, { ...progress, attempt: 2 }).outcome, 'ignored')
  t.equal(applyEvent(start, { ...progress, stepId: 'left' }).outcome, 'ignored')
  t.equal(applyEvent(start, { ...progress, stepId: 'none' }).outcome, 'ignored')

  t.strictSame(liveStepTimes(view, 'right', 2_011), { waitedMs: 10, ranMs: 1_000 })
  t.strictSame(liveStepTimes(start, 'right', 2_001), { waitedMs: 1_000 }, 'before an agent is heard of')
  const ended = after(view, event({ kind: 'step-completed', stepId: 'right', rev: 4 }))
  t.strictSame(liveStepTimes(ended, 'right', 9_000), { waitedMs: 10, ranMs: 989 }, 'as seen from here')
})

t.test('a step waits from its dispatch to its start, and runs from there to its end', async (t) => {
  t.strictSame(stepTimes(runningTask.steps.left!), { waitedMs: 4, ranMs: 250 })
  t.strictSame(stepTimes({ status: 'dispatched', attempt: 1, dispatchedAtMs: 5 }), {})
  const skewed = {
    status: 'completed',
    attempt: 1,
    dispatchedAtMs: 10,
    startedAtMs: 7,
    finishedAtMs: 9,
  } as const
  t.strictSame(stepTimes(skewed), { waitedMs: 0, ranMs: 2 }, 'clocks that differ give no time below zero')
})

t.test('what waits, is skipped, paused and undone is seen from events alone', async (t) => {
  const plan = {
    steps: [
      { id: 'left', sleep: { ms: 500 } },
      { id: 'right', approval: { title: 'Well?' } },
      { id: 'join', agent: 'x', forEach: { items: [1, 2] } },
    ],
  }
  const idle = { status: 'waiting', attempt: 0 } as const
  const task = { ...runningTask, plan, steps: { left: idle, right: idle, join: idle } }
  const view = after(
    taskViewOf(task),
    event({ kind: 'step-waiting', stepId: 'left', rev: 4, note: 'sleeps' }),
    event({ kind: 'step-waiting', stepId: 'right', rev: 5, note: 'asks' }),
    event({ kind: 'progress', rev: 6, dispatched: ['join'] }),
    event({ kind: 'progress', stepId: 'join', rev: 7, fraction: 0.5, note: '1 of 2 items' }),
    event({ kind: 'paused', rev: 8, note: 'lunch' }),
  )
  t.match(view.task, {
    status: 'paused',
    pauseReason: 'lunch',
    steps: {
      left: { status: 'sleeping', waitingSinceMs: 2000, wakeAtMs: 2500 },
      right: { status: 'awaiting-approval', attempt: 1 },
      join: { status: 'running', attempt: 0 },
    },
  })
  t.match(view.progress.join, { fraction: 0.5, note: '1 of 2 items' })
  const on = after(view, event({ kind: 'resumed', rev: 9, dispatched: ['join'] }))
  t.match(on.task, { status: 'running', steps: { join: { status: 'running' } } })
  t.equal(on.task.pauseReason, undefined)
  const undoing = after(
    on,
    event({ kind: 'step-skipped', stepId: 'left', rev: 10 }),
    event({ kind: 'compensating', rev: 11, error: { code: 'X', message: '' } }),
    event({ kind: 'progress', rev: 12, dispatched: ['right'] }),
  )
  t.match(undoing.task, {
    status: 'compensating',
    steps: { left: { status: 'skipped' }, right: { status: 'awaiting-approval' } },
  })
})

t.test('a run of several that is tried again leaves its step running', async (t) => {
  const error = { code: 'BUSY', message: '' }
  const view = after(start, event({ kind: 'step-retrying', stepId: 'right', rev: 4, note: '3', error }))
  t.equal(view.task.steps.right?.status, 'running')
  const plain = after(start, event({ kind: 'step-retrying', stepId: 'right', rev: 4, error }))
  t.equal(plain.task.steps.right?.status, 'backoff')
})
