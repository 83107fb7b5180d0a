import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { summaryOf } from '#platform/tasks/task-summary.ts'
import type { TaskState, TaskSummary } from '#schemas/task.ts'
import { TaskFeed, type TaskFeedItem } from '../../../services/edge/gateway/task-feed.ts'
import { taskState } from '../../support/task-states.ts'

/** A feed over tasks that the test changes; time passes when it says so. */
function openFeed(tasks: Map<string, TaskState>) {
  let onTask: (taskId: string) => void = () => {}
  let pass: () => void = () => {}
  const asked: string[] = []
  const feed = new TaskFeed({
    hub: {
      watchAll(listener) {
        onTask = listener
        return () => {
          onTask = () => {}
        }
      },
    },
    gateway: {
      async list(tenant, { limit = 50 }) {
        asked.push(`list ${limit}`)
        const own = [...tasks.values()].filter((task) => task.tenant === tenant)
        return {
          tasks: own
            .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
            .slice(0, 20)
            .map(summaryOf),
        }
      },
      async get(tenant, id) {
        asked.push(`get ${id}`)
        const task = tasks.get(id)
        if (task?.tenant !== tenant) throw new MurmurError('TASK_NOT_FOUND', 'no')
        return task
      },
    },
    clock: {
      nowMs: () => 1000,
      sleep: () =>
        new Promise((resolve) => {
          pass = resolve
        }),
    },
  })
  const turn = async () => {
    await new Promise<void>((resolve) => setImmediate(resolve))
    pass()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return { feed, asked, turn, happens: (id: string) => onTask(id) }
}

const task = (id: string, about: Partial<TaskState> = {}) => taskState(id, about)
const next = async (items: AsyncGenerator<TaskFeedItem>) => (await items.next()).value as TaskFeedItem
const ids = (item: TaskFeedItem) =>
  item.kind === 'tasks' ? item.tasks.map(({ id }: TaskSummary) => id) : [item.kind]

t.test('what is new or changes is told once it is known, whose it is', async (t) => {
  const tasks = new Map([
    ['a', task('a')],
    ['other', task('other', { tenant: 'south' })],
  ])
  const { feed, asked, turn, happens } = openFeed(tasks)
  const stop = new AbortController()
  const items = feed.watch('default', undefined, stop.signal)
  const first = await next(items)
  t.match(first, { kind: 'tasks', tasks: [] })
  const coming = next(items)
  happens('a')
  happens('a')
  happens('other')
  await turn()
  t.strictSame(ids(await coming), ['a'])
  t.strictSame(asked, ['list 20', 'get other'])
  const later = next(items)
  happens('other')
  happens('a')
  await turn()
  t.strictSame(ids(await later), ['a'])
  t.strictSame(asked.slice(2), ['list 20'], 'whose is another is not asked for again')
  stop.abort()
  t.equal((await items.next()).done, true)
})

t.test('older tasks than the newest page are asked for one by one', async (t) => {
  const tasks = new Map(
    Array.from({ length: 30 }, (_, index) => [`t${index}`, task(`t${index}`, { createdAtMs: index })]),
  )
  const { feed, asked, turn, happens } = openFeed(tasks)
  const stop = new AbortController()
  const items = feed.watch('default', undefined, stop.signal)
  await next(items)
  const coming = next(items)
  happens('t0')
  happens('t29')
  await turn()
  t.strictSame(ids(await coming).sort(), ['t0', 't29'])
  t.strictSame(asked, ['list 20', 'get t0'])
  stop.abort()
})

t.test('who comes back is told what changed meanwhile, or to read anew', async (t) => {
  const tasks = new Map([
    ['a', task('a')],
    ['b', task('b')],
  ])
  const { feed, turn, happens } = openFeed(tasks)
  const stop = new AbortController()
  const staying = feed.watch('default', undefined, stop.signal)
  const start = (await next(staying)) as { seq: number }
  for (const id of ['a', 'b']) {
    const coming = next(staying)
    happens(id)
    await turn()
    await coming
  }
  const since = async (seq: number) => next(feed.watch('default', seq, stop.signal))
  t.strictSame(ids(await since(start.seq)), ['a', 'b'])
  t.strictSame(ids(await since(start.seq + 1)), ['b'])
  t.strictSame(ids(await since(start.seq + 2)), [])
  t.strictSame(ids(await since(start.seq - 1)), ['reset'], 'of an earlier feed')
  t.strictSame(ids(await since(start.seq + 99)), ['reset'], 'of another edge')
  stop.abort()
})

t.test('more than can be told: the list is to be read anew', async (t) => {
  const { feed, turn, happens } = openFeed(new Map())
  const stop = new AbortController()
  const items = feed.watch('default', undefined, stop.signal)
  await next(items)
  const coming = next(items)
  for (let index = 0; index < 5001; index++) happens(`t${index}`)
  await turn()
  t.strictSame(ids(await coming), ['reset'])
  feed.stop()
  t.equal((await items.next()).done, true)
})

t.test('a line of the list has the counts of its steps', async (t) => {
  const state = task('a', { labels: { team: 'north' } })
  t.match(summaryOf(state), {
    id: 'a',
    labels: { team: 'north' },
    steps: { total: Object.keys(state.steps).length },
  })
})
