import fc from 'fast-check'
import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { type ListTasksRequest, listTasksRequestSchema } from '#schemas/task-requests.ts'
import { hasTaskText } from '#schemas/task-text.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { listTasks } from '../../../services/orchestrator/api/list-tasks.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { taskState } from '../../support/task-states.ts'

const PARTITIONS = 3

async function storeOf(tasks: readonly TaskState[]): Promise<MemoryPartitionStore> {
  const store = new MemoryPartitionStore()
  for (let partition = 0; partition < PARTITIONS; partition++)
    await store.commit(partition, {
      id: `level-${partition}`,
      expectedOffset: undefined,
      offset: 0,
      emitted: 0,
      level: true,
      log: { stream: 'a', storedAtMs: 1 },
      writes: [],
      depth: new Map(),
      tenants: new Map(),
    })
  for (const task of tasks) await add(store, task)
  return store
}

async function add(store: MemoryPartitionStore, state: TaskState): Promise<void> {
  const partition = partitionOf(state.id, PARTITIONS)
  const expectedOffset = (await store.position(partition))?.offset
  await store.commit(partition, {
    id: state.id,
    expectedOffset,
    offset: (expectedOffset ?? 0) + 1,
    emitted: 0,
    level: true,
    log: { stream: 'a', storedAtMs: 1 },
    writes: [{ state, dueMs: undefined, isNew: true }],
    depth: new Map(),
    tenants: new Map(),
  })
}

/** All pages one after the other; `between` runs after each. */
async function pages(
  store: MemoryPartitionStore,
  about: Partial<ListTasksRequest>,
  between: (page: number) => Promise<void> = async () => undefined,
): Promise<{ ids: string[]; sizes: number[] }> {
  const ids: string[] = []
  const sizes: number[] = []
  let cursor: string | undefined
  do {
    const request = listTasksRequestSchema.parse({ ...about, ...(cursor && { cursor }) })
    const answer = await listTasks({ store, partitions: PARTITIONS }, 'north', request)
    ids.push(...answer.tasks.map(({ id }) => id))
    sizes.push(answer.tasks.length)
    cursor = answer.nextCursor
    await between(sizes.length)
  } while (cursor !== undefined && sizes.length < 2000)
  return { ids, sizes }
}

const tasks = fc
  .array(
    fc.record({
      tenant: fc.constantFrom('north', 'north', 'north', 'south'),
      type: fc.constantFrom('plan', 'report'),
      status: fc.constantFrom('running' as const, 'completed' as const),
      createdAtMs: fc.integer({ min: 100, max: 120 }),
      labels: fc.option(fc.constantFrom({ team: 'a' }, { team: 'b' }), { nil: undefined }),
    }),
    { maxLength: 60 },
  )
  .map((all) => all.map((about, i) => taskState(`t${i}`, about as Partial<TaskState>)))
const requests = fc.record(
  {
    type: fc.constantFrom('plan', 'report'),
    status: fc.constantFrom('running' as const, 'completed' as const),
    labels: fc.constantFrom({ team: 'a' }, { team: 'b' }),
    text: fc.constantFrom('t1', 'TEAM:A', 'report', 'nowhere'),
    createdFromMs: fc.integer({ min: 95, max: 125 }),
    createdBeforeMs: fc.integer({ min: 95, max: 125 }),
    order: fc.constantFrom('newest', 'oldest'),
    limit: fc.integer({ min: 1, max: 20 }),
  },
  { requiredKeys: ['limit'] },
)

t.test('pages together are exactly what matches, in order, whatever is created meanwhile', async (t) => {
  await fc.assert(
    fc.asyncProperty(tasks, requests, async (all, about) => {
      const store = await storeOf(all)
      const { ids, sizes } = await pages(store, about, (page) =>
        // Before the first page, wherever the list begins.
        add(
          store,
          taskState(`new${page}`, {
            tenant: 'north',
            createdAtMs: about.order === 'oldest' ? 90 - page : 1000 + page,
          }),
        ),
      )
      const wanted = all
        .filter(
          (task) =>
            task.tenant === 'north' &&
            (!about.type || task.type === about.type) &&
            (!about.status || task.status === about.status) &&
            (!about.labels || task.labels?.team === about.labels.team) &&
            (!about.text || hasTaskText(task, about.text)) &&
            task.createdAtMs >= (about.createdFromMs ?? 0) &&
            task.createdAtMs < (about.createdBeforeMs ?? 1e9),
        )
        .sort((a, b) => {
          const newestFirst = b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1)
          return about.order === 'oldest' ? -newestFirst : newestFirst
        })
      t.strictSame(
        ids,
        wanted.map(({ id }) => id),
      )
      t.ok(sizes.every((size) => size <= about.limit))
    }),
    { numRuns: 200 },
  )
})

t.test('one in thousands is found, and what has expired is no hindrance', async (t) => {
  const many = Array.from({ length: 7000 }, (_, i) =>
    taskState(`t${i}`, {
      tenant: 'north',
      createdAtMs: 1000 + i,
      type: i === 5 ? 'report' : 'plan',
      status: i < 10 ? 'running' : 'completed',
    }),
  )
  const store = await storeOf(many)
  const { ids, sizes } = await pages(store, { type: 'report' })
  t.strictSame(ids, ['t5'])
  t.ok(sizes.length > 1, 'no request looks through all of them')
  store.expireFinished()
  t.equal((await pages(store, {})).ids.length, 10)
})

t.test('a search says how far back it has looked, and nothing where it has looked at all', async (t) => {
  const many = Array.from({ length: 9000 }, (_, i) =>
    taskState(`t${i}`, { tenant: 'north', createdAtMs: 1000 + i, labels: { n: `${i % 4500}` } }),
  )
  const store = await storeOf(many)
  const ask = (cursor?: string) =>
    listTasks(
      { store, partitions: PARTITIONS },
      'north',
      listTasksRequestSchema.parse({ text: 'n:17', limit: 500, ...(cursor && { cursor }) }),
    )
  const first = await ask()
  t.ok(first.searchedToMs! > 1000 && first.searchedToMs! < 9000, `${first.searchedToMs}`)
  const seen = [...first.tasks]
  let page = first
  while (page.nextCursor !== undefined) {
    page = await ask(page.nextCursor)
    seen.push(...page.tasks)
    if (page.nextCursor !== undefined) t.ok(page.searchedToMs! < first.searchedToMs!)
  }
  t.equal(page.searchedToMs, undefined)
  // 17, 170 to 179, 1700 to 1799, twice each.
  t.equal(seen.length, 2 * 111)
})

t.test('a page reads little more than it has', async (t) => {
  const store = await storeOf(
    Array.from({ length: 3000 }, (_, i) => taskState(`t${i}`, { tenant: 'north', createdAtMs: 1000 + i })),
  )
  let read = 0
  const counting = {
    position: (partition: number) => store.position(partition),
    newestTasks: (...about: Parameters<typeof store.newestTasks>) => store.newestTasks(...about),
    oldestTasks: (...about: Parameters<typeof store.oldestTasks>) => store.oldestTasks(...about),
    forget: (...about: Parameters<typeof store.forget>) => store.forget(...about),
    readTasks: (...about: Parameters<typeof store.readTasks>) => {
      read += about[1].length
      return store.readTasks(...about)
    },
  }
  const request = listTasksRequestSchema.parse({ limit: 100 })
  const { tasks } = await listTasks({ store: counting, partitions: PARTITIONS }, 'north', request)
  t.equal(tasks.length, 100)
  t.ok(read <= 101, `${read} were read`)
})

t.test('a cursor that is none', async (t) => {
  const store = await storeOf([])
  for (const cursor of [
    'x',
    '%%%',
    Buffer.from('1 12 a b').toString('base64url'),
    Buffer.from('2 12 a').toString('base64url'),
  ])
    await t.rejects(pages(store, { cursor }), { code: 'INVALID_REQUEST', message: /cursor/ })
})
