import t from 'tap'
import type { ChangedTask } from '#schemas/task-controls.ts'
import { changeMany, type TaskPage } from '../../../services/cli/controls/change-many.ts'

const never = new AbortController().signal
const planned = (taskId: string): ChangedTask => ({ taskId, outcome: 'planned' })

t.test('ids are sent two hundred at a time', async (t) => {
  const taskIds = Array.from({ length: 450 }, (_, i) => `t${i}`)
  const sizes: number[] = []
  const change = async (page: TaskPage) => {
    const ids = 'taskIds' in page ? page.taskIds : []
    sizes.push(ids.length)
    return { results: ids.map(planned) }
  }
  const results = await changeMany({ taskIds, filter: {}, dryRun: true }, change, never)
  t.strictSame(
    results.map(({ taskId }) => taskId),
    taskIds,
  )
  t.strictSame(sizes, [200, 200, 50])
})

t.test('a filter is followed to its end, and left where it is broken off', async (t) => {
  const pages = [
    { results: [planned('a')], nextCursor: '1' },
    { results: [], nextCursor: '2' },
    { results: [planned('b')] },
  ]
  const asked: TaskPage[] = []
  const stopping = new AbortController()
  const change = async (page: TaskPage) => {
    asked.push(page)
    return pages[asked.length - 1]!
  }
  const selection = { taskIds: [], filter: { type: 'plan' }, dryRun: false }
  t.strictSame(await changeMany(selection, change, stopping.signal), [planned('a'), planned('b')])
  t.strictSame(asked[2], { filter: { type: 'plan' }, dryRun: false, cursor: '2' })
  asked.length = 0
  const broken = await changeMany(
    selection,
    async (page) => {
      stopping.abort()
      return change(page)
    },
    stopping.signal,
  )
  t.strictSame(broken, [planned('a')])
})
