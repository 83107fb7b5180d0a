import t from 'tap'
import { requestsFor } from '../../../../services/console/screens/tasks/change-many.ts'

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
