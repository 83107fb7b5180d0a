import t from 'tap'
import { openApprovalExample } from '#schemas/task-controls.ts'
import { knownAssignees, readNames } from '../../../../services/console/screens/inbox/hand-on.ts'

t.test('names stand with commas between them, each once', async (t) => {
  t.strictSame(readNames(' board, head of sales ,board,, '), ['board', 'head of sales'])
  t.strictSame(readNames(' , '), [])
  t.equal(readNames(Array.from({ length: 30 }, (_, at) => `n${at}`).join(',')).length, 20)
})

t.test('whom the plan and those who handed it on name are offered, but for whom it is now', async (t) => {
  const handedOn = [
    { to: ['board'], by: 'anna', keep: false, atMs: 0, escalations: 0 },
    { to: ['legal'], by: 'bob', keep: false, atMs: 1, escalations: 0 },
  ]
  const approval = {
    ...openApprovalExample.approval,
    escalation: [{ afterMs: 1000, assignees: ['head'] }],
  }
  t.strictSame(knownAssignees({ ...openApprovalExample, approval, handedOn, assignees: ['legal'] }), [
    'finance',
    'head',
    'board',
    'anna',
    'bob',
  ])
})
