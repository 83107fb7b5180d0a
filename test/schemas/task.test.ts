import t from 'tap'
import { isTerminal, TASK_STATUSES } from '#schemas/task.ts'

t.test('three states are final', async (t) => {
  t.strictSame(TASK_STATUSES.filter(isTerminal), ['completed', 'failed', 'cancelled'])
})
