import t from 'tap'
import type { Alert } from '#schemas/alert.ts'
import type { OpenApprovalView } from '#schemas/task-controls.ts'
import {
  applyAlerts,
  filterItems,
  inboxItems,
  reviewsOf,
  stepKey,
} from '../../../../services/console/screens/inbox/inbox-items.ts'
import { alertOf } from '../../../cli/monitor-fixtures.ts'

const question = (taskId: string, fields: Partial<OpenApprovalView> = {}): OpenApprovalView => ({
  ...{ taskId, taskType: 'plan', stepId: 'ask', attempt: 1, sinceMs: 1, assignees: [], escalations: 0 },
  approval: { title: taskId },
  ...fields,
})
const alert = (id: string, fields: Partial<Alert> = {}) => alertOf('m1', { id, ...fields })
const ALL = { tab: 'all', severity: undefined, camera: undefined, withReviewed: false } as const

t.test('questions that time decides first, then the most severe and newest alerts', async (t) => {
  const items = inboxItems(
    [question('later', { sinceMs: 5 }), question('early', { sinceMs: 1 }), question('soon', { untilMs: 9 })],
    [
      alert('low', { severity: 'low', raisedAtMs: 99 }),
      alert('old', { raisedAtMs: 1 }),
      alert('new', { raisedAtMs: 2 }),
    ],
    new Set(),
  )
  t.strictSame(
    items.map(({ key }) => key),
    ['soon ask 1', 'early ask 1', 'later ask 1', 'new', 'old', 'low'],
  )
})

t.test('filters; what this person has seen is left out unless it is asked for', async (t) => {
  const items = inboxItems(
    [question('q')],
    [alert('a', { review: 'r1' }), alert('b', { camera: 'gate', severity: 'low' })],
    new Set(['r1']),
  )
  const keys = (filter: object) => filterItems(items, { ...ALL, ...filter }).map(({ key }) => key)
  t.strictSame(keys({}), ['q ask 1', 'b'])
  t.strictSame(keys({ withReviewed: true }), ['q ask 1', 'a', 'b'])
  t.strictSame(keys({ tab: 'approvals' }), ['q ask 1'])
  t.strictSame(keys({ tab: 'alerts', camera: 'yard', withReviewed: true }), ['a'])
  t.strictSame(keys({ tab: 'alerts', severity: 'low' }), ['b'])
})

t.test('from one to the next', async (t) => {
  const items = [{ key: 'a' }, { key: 'b' }]
  t.equal(stepKey(items, undefined, 1), 'a')
  t.equal(stepKey(items, undefined, -1), 'b')
  t.equal(stepKey(items, 'a', 1), 'b')
  t.equal(stepKey(items, 'b', 1), 'b')
  t.equal(stepKey(items, 'gone', 1), 'a')
  t.equal(stepKey([], 'a', 1), undefined)
})

t.test('what is told changes the list: new ones come, newer versions count, resolved ones go', async (t) => {
  const before = [alert('a', { revision: 3 }), alert('b')]
  const after = applyAlerts(before, [
    alert('a', { revision: 2, note: 'older' }),
    alert('b', { status: 'resolved', revision: 1 }),
    alert('c'),
  ])
  t.strictSame(
    after.map(({ id, note }) => [id, note]),
    [
      ['a', undefined],
      ['c', undefined],
    ],
  )
})

t.test('the review items of alerts, each once', async (t) => {
  t.strictSame(reviewsOf([{ review: 'r1' }, {}, { review: 'r2' }, { review: 'r1' }]), ['r1', 'r2'])
})
