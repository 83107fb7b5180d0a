import fc from 'fast-check'
import t from 'tap'
import { decodeCursor, encodeCursor } from '#platform/requests/cursor.ts'
import type { TaskSummary } from '#schemas/task.ts'
import { listTasks } from '../../../services/orchestrator/api/list-tasks.ts'
import { listArchived } from '../../../services/orchestrator/history/archived-list.ts'
import type { ManifestEntry } from '../../../services/orchestrator/history/segment-format.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'

const summary = (id: string, createdAtMs: number, about: Partial<TaskSummary> = {}): TaskSummary => ({
  id,
  tenant: 'default',
  type: 'plan',
  status: 'completed',
  createdAtMs,
  finishedAtMs: createdAtMs + 10,
  steps: { total: 1, completed: 1, failed: 0 },
  ...about,
})

const newestFirst = (a: TaskSummary, b: TaskSummary) =>
  b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

/** An archive with these tasks in these segments, and how many indexes were read. */
function archiveOf(segments: TaskSummary[][]) {
  let reads = 0
  const entries = segments
    .filter((tasks) => tasks.length > 0)
    .map((tasks, i) => {
      const sorted = tasks.toSorted(newestFirst)
      return {
        sorted,
        entry: {
          fromSeq: i,
          createdToMs: sorted[0]!.createdAtMs,
          createdFromMs: sorted.at(-1)!.createdAtMs,
        } as ManifestEntry,
      }
    })
  const reader = {
    catalogue: { refresh: async () => undefined, chains: () => [entries.map(({ entry }) => entry)] },
    indexOf: async (entry: ManifestEntry) => {
      reads++
      const { sorted } = entries.find((one) => one.entry === entry)!
      return {
        ended: (tenant: string, order: 'newest' | 'oldest') =>
          (order === 'oldest' ? sorted.toReversed() : sorted)
            .filter((task) => task.tenant === tenant)
            .map((task) => ({ summary: task })),
      }
    },
  } as unknown as Parameters<typeof listArchived>[0]
  return { reader, reads: () => reads }
}

/** A store of one partition that is level and empty: everything there is comes from the archive. */
async function emptyStore() {
  const store = new MemoryPartitionStore()
  const nothing = { writes: [], depth: new Map(), tenants: new Map() }
  const log = { stream: 's', storedAtMs: 0 }
  await store.commit(0, {
    id: 'c.0',
    expectedOffset: undefined,
    offset: 0,
    emitted: 0,
    level: true,
    log,
    ...nothing,
  })
  return store
}

async function pages(reader: Parameters<typeof listArchived>[0], request: object, limit: number) {
  const store = await emptyStore()
  const found: TaskSummary[] = []
  let cursor: string | undefined
  for (let requests = 0; ; requests++) {
    if (requests > 2000) throw new Error('it does not come to an end')
    const answer = await listTasks(
      { store, partitions: 1, archived: (listing) => listArchived(reader, listing) },
      'default',
      { ...request, limit, ...(cursor !== undefined && { cursor }) },
    )
    if (answer.tasks.length > limit) throw new Error('a page is too long')
    found.push(...answer.tasks)
    if (answer.nextCursor === undefined) return found
    if (answer.nextCursor === cursor) throw new Error('it does not move on')
    cursor = answer.nextCursor
  }
}

const taskArbitrary = fc.record({
  createdAtMs: fc.integer({ min: 0, max: 50 }),
  status: fc.constantFrom('completed', 'failed', 'cancelled'),
  type: fc.constantFrom('plan', 'report'),
  tenant: fc.constantFrom('default', 'default', 'north'),
})

t.test('any archive, page by page, from either end: all that fits, each once, in order', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(taskArbitrary, { maxLength: 12 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 9 }),
      fc.record(
        {
          status: fc.constantFrom('failed', 'running', 'completed'),
          type: fc.constant('plan'),
          createdFromMs: fc.integer({ min: 0, max: 50 }),
          createdBeforeMs: fc.integer({ min: 0, max: 50 }),
          order: fc.constantFrom('newest', 'oldest'),
        },
        { requiredKeys: [] },
      ),
      async (drawn, limit, request) => {
        const segments = drawn.map((tasks, s) =>
          tasks.map((task, i) => summary(`t${s}-${i}`, task.createdAtMs, task as never)),
        )
        const { createdFromMs = 0, createdBeforeMs = 100, status, type, order } = request
        const expected = segments
          .flat()
          .filter(
            (task) =>
              task.tenant === 'default' &&
              (status === undefined || task.status === status) &&
              (type === undefined || task.type === type) &&
              task.createdAtMs >= createdFromMs &&
              task.createdAtMs < createdBeforeMs,
          )
          .toSorted((a, b) => newestFirst(a, b) * (order === 'oldest' ? -1 : 1))
        t.strictSame(await pages(archiveOf(segments).reader, request, limit), expected)
      },
    ),
    { numRuns: 150 },
  )
})

t.test('a page reads no more than it needs, and moves on over many segments of the same time', async (t) => {
  const segments = Array.from({ length: 300 }, (_, s) => [
    summary(`a${s}`, 10_000 - s),
    summary(`b${s}`, 10_000 - s),
  ])
  const { reader, reads } = archiveOf(segments)
  const request = { limit: 10 }
  await listArchived(reader, { tenant: 'default', request, after: undefined, untilMs: undefined })
  t.ok(reads() <= 16, `${reads()} indexes for a page of ten`)
  const rare = archiveOf(segments)
  const none = await listArchived(rare.reader, {
    tenant: 'nobody',
    request,
    after: undefined,
    untilMs: undefined,
  })
  t.equal(rare.reads(), 64, 'a page ends when it has looked at so many')
  t.match(none, { found: [], scannedTo: { createdAtMs: 10_000 - 64 } })
  t.match(decodeCursor(encodeCursor({ atMs: none.scannedTo!.createdAtMs, id: none.scannedTo!.id })), {
    atMs: 9936,
  })
  // Each has a task from long ago: no page may stand still over them.
  const wide = Array.from({ length: 100 }, (_, s) => [summary(`n${s}`, 20_000), summary(`o${s}`, s)])
  t.equal((await pages(archiveOf(wide).reader, {}, 7)).length, 200)
  t.equal((await pages(archiveOf(wide).reader, { order: 'oldest' }, 7)).length, 200)
})

t.test('older than what the store has for the page is not looked at', async (t) => {
  const { reader, reads } = archiveOf([[summary('old', 5)], [summary('new', 50)]])
  const listing = { tenant: 'default', request: { limit: 10 }, after: undefined }
  t.match(await listArchived(reader, { ...listing, untilMs: 60 }), {
    found: [],
    scannedTo: { createdAtMs: 50 },
  })
  t.equal(reads(), 0)
  t.match(
    await listArchived(reader, { ...listing, request: { limit: 10, status: 'running' }, untilMs: undefined }),
    {
      found: [],
      scannedTo: undefined,
    },
  )
})
