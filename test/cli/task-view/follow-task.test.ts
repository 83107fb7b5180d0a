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
