import t from 'tap'
import { describeEvent } from '../../../services/cli/task-view/follow-task.ts'
import { taskViewOf } from '../../../services/cli/task-view/task-view.ts'
import { event, runningTask } from '../task-fixtures.ts'

t.test('events become lines', async (t) => {
  const view = taskViewOf(runningTask)
  const error = { code: 'STEP_TIMEOUT', message: 'too\nslow' }
  t.equal(describeEvent(view, event({ kind: 'step-completed', stepId: 'left' })), '✓ left')
  t.equal(
    describeEvent(view, event({ kind: 'step-failed', stepId: 'left', error })),
    '✗ left STEP_TIMEOUT: too slow',
  )
  t.match(
    describeEvent(view, event({ kind: 'step-retrying', stepId: 'left', attempt: 1, error })),
    /attempt 1 failed/,
  )
  t.equal(
    describeEvent(view, event({ kind: 'progress', stepId: 'left', fraction: 0.5, note: 'n' })),
    '● left 50 % n',
  )
  t.equal(describeEvent(view, event({ kind: 'cancelled' })), 'report cancelled')
  t.equal(describeEvent(view, event({ kind: 'completed', stepId: 'join' })), '✓ join · report completed')
})

t.test('what waits, is skipped, paused or undone is told in words', async (t) => {
  const view = taskViewOf(runningTask)
  const line = (fields: Parameters<typeof event>[0]) => describeEvent(view, event(fields))
  t.equal(
    line({ kind: 'step-waiting', stepId: 'join', note: 'asks for approval: Pay?' }),
    '○ join asks for approval: Pay?',
  )
  t.equal(line({ kind: 'step-skipped', stepId: 'join' }), '– join skipped')
  t.equal(line({ kind: 'paused', note: 'lunch' }), 'report paused: lunch')
  t.equal(line({ kind: 'paused' }), 'report paused')
  t.equal(line({ kind: 'resumed' }), 'report goes on')
  const error = { code: 'X', message: 'm' }
  t.equal(line({ kind: 'compensating', error }), 'report undoes what it has done: X: m')
  t.equal(
    line({ kind: 'step-retrying', stepId: 'left', attempt: 2, note: '3', error }),
    '↻ left (3) attempt 2 failed, it is tried again: X: m',
  )
  t.equal(
    line({ kind: 'step-retrying', stepId: 'left', note: 'its fallback "b" runs', error }),
    '↻ left failed, its fallback "b" runs: X: m',
  )
})
