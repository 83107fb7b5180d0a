import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { TaskCache } from '../../../services/orchestrator/partition/task-cache.ts'
import { taskState } from '../../support/task-states.ts'

t.test('the cache keeps what was used last, and nothing that has ended', async (t) => {
  const cache = new TaskCache(2)
  const put = (id: string, about: Partial<TaskState> = {}) =>
    cache.put(new Map([[id, { state: taskState(id, about), storedDueMs: 1 }]]))
  const kept = () => ['a', 'b', 'c'].filter((id) => cache.has(id)).join('')
  put('a')
  put('b')
  put('a', { rev: 2 })
  put('c')
  t.equal(kept(), 'ac')
  t.equal(cache.get('a')?.state.rev, 2)
  put('a', { status: 'completed' })
  t.equal(kept(), 'c')
  cache.put(new Map(['x', 'y', 'z'].map((id) => [id, { state: taskState(id), storedDueMs: 1 }])))
  t.strictSame(
    ['c', 'x', 'y', 'z'].filter((id) => cache.has(id)),
    ['y', 'z'],
    'a batch that is larger than all of it',
  )
})
