import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskState } from '#schemas/task.ts'
import { changeTasksRequestSchema } from '#schemas/task-controls.ts'
import { changeTasks } from '../../../services/orchestrator/api/change-tasks.ts'
import type { PartitionStore } from '../../../services/orchestrator/partition/partition-store.ts'
import { taskState } from '../../support/task-states.ts'

/** Tasks that can be listed and changed; those of a name with "odd" refuse. `mostAtOnce`: how many were changed at the same time. */
function world(tasks: TaskState[]) {
  const done: string[] = []
  let open = 0
  let mostAtOnce = 0
  const change =
    (action: string) =>
    async (_: string, { taskId }: { taskId: string }) => {
      mostAtOnce = Math.max(mostAtOnce, ++open)
      await new Promise((resolve) => setImmediate(resolve))
      open--
      if (taskId.includes('odd')) throw new MurmurError('TASK_STATE_CONFLICT', `${taskId} can't`)
      done.push(`${action} ${taskId}`)
      return { taskId: `${taskId}-new`, accepted: true as const, duplicate: false, retryOf: taskId, kept: [] }
    }
  const store = {
    position: async () => ({ offset: 10, emitted: 0, level: true, log: undefined }),
    newestTasks: async (_: number, { after }: { after?: unknown }) =>
      after ? [] : tasks.map(({ id, createdAtMs }) => ({ id, createdAtMs })),
    readTasks: async (_: number, ids: readonly string[]) =>
      ids.map((id) => tasks.find((task) => task.id === id)),
    forget: async () => undefined,
  } as unknown as PartitionStore
  const controls = {
    find: async (tenant: string, taskId: string) => {
      const found = tasks.find((task) => task.id === taskId && task.tenant === tenant)
      if (!found) throw new MurmurError('TASK_NOT_FOUND', `there is no task "${taskId}"`)
      return found
    },
    cancel: change('cancel'),
    pause: change('pause'),
    resume: change('resume'),
    retry: change('retry'),
  }
  const run = (request: object) =>
    changeTasks({ store, partitions: 1 }, controls, 'default', changeTasksRequestSchema.parse(request))
  return { run, done, mostAtOnce: () => mostAtOnce }
}

const TASKS = [
  taskState('trun'),
  taskState('todd'),
  taskState('tpaused', { status: 'paused' }),
  taskState('tfailed', { status: 'failed' }),
  taskState('tdone', { status: 'completed' }),
  taskState('tforeign', { tenant: 'other' }),
]
const filter = { type: 'plan' }

t.test('a filter means those that it can be done to; each for itself', async (t) => {
  const of = async (action: string) => {
    const { run } = world(TASKS)
    const { results } = await run({ action, filter, ...(action === 'retry' && { requestId: 'r' }) })
    return Object.fromEntries(results.map(({ taskId, outcome }) => [taskId, outcome]))
  }
  t.strictSame(await of('cancel'), { trun: 'done', todd: 'failed', tpaused: 'done' })
  t.strictSame(await of('pause'), { trun: 'done', todd: 'failed' })
  t.strictSame(await of('resume'), { tpaused: 'done' })
  t.strictSame(await of('retry'), { tfailed: 'done' })
})

t.test('what a list finds by text is changed, and nothing else', async (t) => {
  const { run, done } = world([
    taskState('tacme', { labels: { customer: 'ACME' } }),
    taskState('tother', { labels: { customer: 'other' } }),
  ])
  const { results } = await run({ action: 'cancel', filter: { text: 'customer:acme' } })
  t.strictSame(
    results.map(({ taskId }) => taskId),
    ['tacme'],
  )
  t.strictSame(done, ['cancel tacme'])
})

t.test('what is named gets an answer in any case, and once', async (t) => {
  const { run, done } = world(TASKS)
  const { results } = await run({ action: 'cancel', taskIds: ['trun', 'todd', 'tforeign', 'trun'] })
  t.match(results, [
    { taskId: 'trun', type: 'plan', status: 'running', outcome: 'done' },
    { taskId: 'todd', outcome: 'failed', problem: { code: 'TASK_STATE_CONFLICT' } },
    { taskId: 'tforeign', outcome: 'failed', problem: { code: 'TASK_NOT_FOUND' } },
  ])
  t.equal(results.length, 3)
  t.strictSame(done, ['cancel trun'])
})

t.test('a dry run changes nothing and says what would be', async (t) => {
  const { run, done } = world(TASKS)
  t.match((await run({ action: 'pause', filter, dryRun: true })).results, [
    { taskId: 'trun', outcome: 'planned' },
    { taskId: 'todd', outcome: 'planned' },
  ])
  const named = await run({ action: 'resume', taskIds: ['trun', 'tpaused'], dryRun: true })
  t.match(named.results, [
    { taskId: 'trun', outcome: 'failed', problem: { code: 'TASK_STATE_CONFLICT' } },
    { taskId: 'tpaused', outcome: 'planned' },
  ])
  t.strictSame(done, [])
})

t.test('a retry says the new task; many are changed at the same time, but not all', async (t) => {
  const failed = Array.from({ length: 100 }, (_, n) => taskState(`t${n}`, { status: 'failed' }))
  const { run, mostAtOnce } = world(failed)
  const { results } = await run({ action: 'retry', filter, requestId: 'r' })
  t.equal(results.length, 100)
  t.ok(results.every(({ taskId, newTaskId }) => newTaskId === `${taskId}-new`))
  t.equal(mostAtOnce(), 16)
})
