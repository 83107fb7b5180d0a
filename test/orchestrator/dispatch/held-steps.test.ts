import t from 'tap'
import { pausedNameOf } from '../../../services/orchestrator/dispatch/held-steps.ts'

t.test('a step is held by its type, or by the template of its plan in whatever version', async (t) => {
  const paused = new Set(['report', 'notes'])
  t.equal(pausedNameOf({ taskType: 'report' }, paused), 'report')
  t.equal(pausedNameOf({ taskType: 'plan', template: 'notes@12' }, paused), 'notes')
  t.equal(pausedNameOf({ taskType: 'plan', template: 'notes-b@1' }, paused), undefined)
  t.equal(pausedNameOf({ taskType: 'plan' }, paused), undefined)
  t.equal(pausedNameOf({ taskType: 'report' }, new Set()), undefined)
})
