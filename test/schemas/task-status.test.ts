import t from 'tap'
import { isTerminal, STEP_STATUSES, TASK_STATUSES } from '../../schemas/task-status.ts'

t.test('a task is over when it completed, failed or was cancelled', async (t) => {
  t.strictSame(TASK_STATUSES.filter(isTerminal), ['completed', 'failed', 'cancelled'])
  t.equal(new Set(STEP_STATUSES).size, STEP_STATUSES.length)
})
