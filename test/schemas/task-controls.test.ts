import t from 'tap'
import {
  changeTasksRequestSchema,
  listApprovalsRequestSchema,
  openApprovalExample,
  openApprovalViewSchema,
  signalTaskRequestSchema,
} from '#schemas/task-controls.ts'

const issuesOf = (request: object) =>
  changeTasksRequestSchema.safeParse(request).error?.issues.map(({ path }) => path.join('.')) ?? []

t.test('many are named either by their ids or by a filter that says something', async (t) => {
  t.strictSame(issuesOf({ action: 'cancel', taskIds: ['t'] }), [])
  t.strictSame(issuesOf({ action: 'cancel', filter: { labels: { a: 'b' } } }), [])
  t.strictSame(issuesOf({ action: 'cancel' }), ['filter'])
  t.strictSame(issuesOf({ action: 'cancel', taskIds: ['t'], filter: { type: 'plan' } }), ['filter'])
  t.strictSame(issuesOf({ action: 'cancel', filter: {} }), ['filter'])
  t.strictSame(issuesOf({ action: 'cancel', taskIds: [] }), ['taskIds'])
  t.strictSame(issuesOf({ action: 'cancel', taskIds: Array.from({ length: 201 }, () => 't') }), ['taskIds'])
  t.strictSame(issuesOf({ action: 'retry', taskIds: ['t'] }), ['requestId'])
  t.strictSame(issuesOf({ action: 'retry', taskIds: ['t'], requestId: 'r' }), [])
})

t.test('requests have their defaults, and nothing that is not known', async (t) => {
  t.equal(listApprovalsRequestSchema.parse({}).limit, 50)
  t.notOk(listApprovalsRequestSchema.safeParse({ tenant: 'x' }).success)
  t.notOk(signalTaskRequestSchema.safeParse({ taskId: 't', name: 'a b' }).success)
  t.ok(openApprovalViewSchema.safeParse(openApprovalExample).success)
})
