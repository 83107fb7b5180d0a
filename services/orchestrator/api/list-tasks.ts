import { decodeCursor, type PageEnd } from '#platform/requests/cursor.ts'
import { summaryOf } from '#platform/tasks/task-summary.ts'
import type { TaskState } from '#schemas/task.ts'
import type { ListTasksRequest, ListTasksResponse } from '#schemas/task-requests.ts'
import { hasTaskText } from '#schemas/task-text.ts'
import type { ArchivedListing } from '../history/archived-list.ts'
import { type ListedPart, pageOfParts } from '../history/page-of-parts.ts'
import { assertLevel } from '../partition/assert-level.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { fixedPartitions, type LivePartitions } from '../partition-epochs/live-partitions.ts'
import { OrderedEntries, type PlacedTask } from './ordered-entries.ts'

/** Tasks that one request reads: few of them may match, and a request has to end. */
const MAX_SCANNED = 6000
/** Tasks that are read at the same time. The first time as many as the page has, since mostly all match. */
const MIN_ROUND = 20
const MAX_ROUND = 1000
/** Each time so many more than the time before. */
const GROWTH = 4

type ListedStore = Pick<PartitionStore, 'position' | 'newestTasks' | 'oldestTasks' | 'readTasks' | 'forget'>

export interface ListingDeps {
  store: ListedStore
  partitions: number
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'withTasks'> | undefined
  /** Tasks that ended and that the store may have no more. */
  archived?: ((listing: ArchivedListing) => Promise<ListedPart>) | undefined
}

/**
 * One page of a tenant's tasks, newest first, and of the same millisecond the larger id first; or just the other way round. Stable: a task that is
 * created meanwhile is before the first page, or on the last, and none is shown twice or left out. With `text` it says how far back it has looked.
 * @throws MurmurError INVALID_REQUEST for a cursor that is none; UNAVAILABLE while a partition is built anew
 */
export async function listTasks(
  { store, partitions, live = fixedPartitions(partitions), archived }: ListingDeps,
  tenant: string,
  request: ListTasksRequest,
): Promise<ListTasksResponse> {
  const after = request.cursor === undefined ? undefined : decodeCursor(request.cursor)
  const all = live.withTasks()
  await Promise.all(all.map((partition) => assertLevel(store, partition)))
  const { order = 'newest' } = request
  const entries = new OrderedEntries(store, all, { order, after, ...rangeOf(request, after) })
  const parts = [await scan(store, entries, tenant, request)]
  if (archived) {
    const stoppedAtMs = parts[0]!.scannedTo?.createdAtMs
    parts.push(await archived({ tenant, request, after, untilMs: stoppedAtMs }))
  }
  const page = pageOfParts(parts, request.limit, order)
  if (request.text === undefined || page.nextCursor === undefined) return page
  return { ...page, searchedToMs: decodeCursor(page.nextCursor).atMs }
}

/** Between which times the tasks of a page were created, both included. Unix milliseconds. */
function rangeOf(
  { createdFromMs = 0, createdBeforeMs = Number.POSITIVE_INFINITY, order }: ListTasksRequest,
  after: PageEnd | undefined,
): { fromMs: number; untilMs: number } {
  const untilMs = createdBeforeMs - 1
  if (!after) return { fromMs: createdFromMs, untilMs }
  return order === 'oldest'
    ? { fromMs: Math.max(createdFromMs, after.atMs), untilMs }
    : { fromMs: createdFromMs, untilMs: Math.min(after.atMs, untilMs) }
}

/** What the store has for a page: reads on until that is full, all has been read, or it has been enough. */
async function scan(
  store: ListedStore,
  entries: OrderedEntries,
  tenant: string,
  request: ListTasksRequest,
): Promise<ListedPart> {
  const found: ListedPart['found'] = []
  const expired: PlacedTask[] = []
  let scannedTo: ListedPart['scannedTo']
  // One more than the page has: whether there are more.
  let round = Math.max(MIN_ROUND, request.limit + 1)
  for (let scanned = 0; ; round = Math.min(MAX_ROUND, round * GROWTH)) {
    const some = await entries.take(round)
    const read = await readPlaced(store, some)
    for (const task of read.tasks)
      if (task.tenant === tenant && isWanted(task, request)) found.push(summaryOf(task))
    expired.push(...read.expired)
    scanned += some.length
    if (some.length < round) break
    if (found.length > request.limit || scanned >= MAX_SCANNED) {
      scannedTo = some.at(-1)
      break
    }
  }
  // Only now: it would move those behind them forward.
  await Promise.all(
    byPartition(expired).map(([partition, of]) =>
      store.forget(
        partition,
        of.map(({ id }) => id),
      ),
    ),
  )
  return { found, scannedTo }
}

async function readPlaced(
  store: ListedStore,
  entries: readonly PlacedTask[],
): Promise<{ tasks: TaskState[]; expired: PlacedTask[] }> {
  const tasks: TaskState[] = []
  const expired: PlacedTask[] = []
  await Promise.all(
    byPartition(entries).map(async ([partition, of]) => {
      const unreadable = new Set<string>()
      const ids = of.map(({ id }) => id)
      const read = await store.readTasks(partition, ids, ({ id }) => void unreadable.add(id))
      for (const [i, entry] of of.entries()) {
        const task = read[i]
        if (task) tasks.push(task)
        else if (!unreadable.has(entry.id)) expired.push(entry)
      }
    }),
  )
  return { tasks, expired }
}

function byPartition(entries: readonly PlacedTask[]): [partition: number, of: PlacedTask[]][] {
  return [...Map.groupBy(entries, ({ partition }) => partition)]
}

function isWanted(task: TaskState, { status, type, labels, text }: ListTasksRequest): boolean {
  return (
    (status === undefined || task.status === status) &&
    (type === undefined || task.type === type) &&
    Object.entries(labels ?? {}).every(([name, value]) => task.labels?.[name] === value) &&
    (text === undefined || hasTaskText(task, text))
  )
}
