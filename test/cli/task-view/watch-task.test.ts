import t from 'tap'
import type { WatchItem } from '#platform/tasks/watch-task.ts'
import { assertCompleted, watchToEnd } from '../../../services/cli/task-view/watch-task.ts'
import { event, runningTask } from '../task-fixtures.ts'

const never = new AbortController().signal
const ended = { ...runningTask, status: 'completed', rev: 9, finishedAtMs: 9_000 } as const
const clientOf = (items: readonly WatchItem[]) => ({
  async *watch() {
    yield* items
  },
})

t.test('snapshots and events that change the view are told, in order', async (t) => {
  const told: string[] = []
  const done = event({ kind: 'step-completed', stepId: 'right', rev: 4, dispatched: ['join'] })
  const client = clientOf([
    { kind: 'snapshot', task: runningTask },
    { kind: 'event', event: event({ kind: 'step-completed', stepId: 'left', rev: 2 }) },
    { kind: 'event', event: done },
    { kind: 'idle' },
    { kind: 'snapshot', task: ended },
  ])
  const task = await watchToEnd(
    'task-1',
    (view, change) => told.push(`${view.task.rev} ${change?.kind ?? '-'}`),
    {
      client,
      signal: never,
    },
  )
  t.equal(task, ended)
  t.strictSame(told, ['3 -', '4 step-completed', '4 -', '9 -'], 'an event of the past changes nothing')
})

t.test('a watch that ends before its task is no end of the task', async (t) => {
  const client = clientOf([{ kind: 'snapshot', task: runningTask }])
  await t.rejects(
    watchToEnd('task-1', () => undefined, { client, signal: never }),
    { code: 'UNAVAILABLE' },
  )
  const stopped = watchToEnd('task-1', () => undefined, { client, signal: AbortSignal.abort() })
  await t.rejects(stopped, { code: 'INTERRUPTED', message: /the task goes on/ })
})

t.test('a task that did not complete is a fault, with the fix of its own error', async (t) => {
  assertCompleted(ended)
  const error = { code: 'STEP_TIMEOUT', message: 'too slow', stepId: 'join' }
  t.throws(() => assertCompleted({ ...runningTask, status: 'failed', error }), {
    code: 'TASK_FAILED',
    exitCode: 1,
    message: 'task task-1 failed in step "join": STEP_TIMEOUT: too slow',
  })
  t.throws(
    () => assertCompleted({ ...runningTask, status: 'failed', error: { code: 'OWN_CODE', message: 'x' } }),
    {
      message: 'task task-1 failed: OWN_CODE: x',
      fix: /^Mend what the error names/,
    },
  )
  t.throws(() => assertCompleted({ ...runningTask, status: 'cancelled' }), {
    code: 'TASK_CANCELLED',
    message: 'task task-1 cancelled',
  })
})
