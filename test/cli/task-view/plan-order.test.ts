import t from 'tap'
import { listShortly, stepsByLevel } from '../../../services/cli/task-view/plan-order.ts'
import { runningTask } from '../task-fixtures.ts'

t.test('steps are placed behind those they need', async (t) => {
  t.strictSame(
    stepsByLevel(runningTask.plan).map(({ step, level }) => [step.id, level]),
    [
      ['left', 0],
      ['right', 0],
      ['join', 1],
    ],
  )
  t.equal(listShortly(['a', 'b', 'c', 'd']), 'a, b … d')
})
