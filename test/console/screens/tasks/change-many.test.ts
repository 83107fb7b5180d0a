import t from 'tap'
import { murmurArguments, requestsFor } from '../../../../services/console/screens/tasks/change-many.ts'

t.test('many tasks are as many requests as it takes', async (t) => {
  const ids = Array.from({ length: 450 }, (_, index) => `t${index}`)
  const requests = requestsFor({ taskIds: ids })
  t.strictSame(
    requests.map(({ taskIds }) => (taskIds as string[]).length),
    [200, 200, 50],
  )
  t.strictSame(
    requests.flatMap(({ taskIds }) => taskIds),
    ids,
  )
  t.strictSame(requestsFor({ filter: { type: 'plan' } }), [{ filter: { type: 'plan' } }])
})

t.test('all of a filter stands in the command that does the same', async (t) => {
  const filter = {
    status: 'failed' as const,
    type: 'report',
    labels: { 'a=b': 'c=d' },
    text: 'no table',
    createdFromMs: Date.UTC(2026, 10, 1),
    createdBeforeMs: Date.UTC(2026, 10, 2),
  }
  t.strictSame(murmurArguments('retry', { filter }, { requestId: 'r1' }), [
    ...['tasks', 'retry', '--status', 'failed', '--type', 'report', '--label', 'a\\=b=c=d'],
    ...['--text', 'no table', '--since', '2026-11-01T00:00:00.000Z', '--before', '2026-11-02T00:00:00.000Z'],
    ...['--request-id', 'r1'],
  ])
  t.strictSame(murmurArguments('cancel', { taskIds: ['t1', 't2'] }, { reason: 'enough' }), [
    ...['tasks', 'cancel', 't1', 't2', '--reason', 'enough'],
  ])
})
