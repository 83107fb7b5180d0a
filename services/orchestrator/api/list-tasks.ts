import { decodeCursor, isBehind, type PageEnd } from '#platform/requests/cursor.ts'
import { summaryOf } from '#platform/tasks/task-summary.ts'
import type { TaskState } from '#schemas/task.ts'
import type { ListTasksRequest, ListTasksResponse } from '#schemas/task-requests.ts'
import type { ArchivedListing } from '../history/archived-list.ts'
import { type ListedPart, pageOfParts } from '../history/page-of-parts.ts'
import { assertLevel } from '../partition/assert-level.ts'
import type { IndexedTask, PartitionStore } from '../partition/partition-store.ts'
import { fixedPartitions, type LivePartitions } from '../partition-epochs/live-partitions.ts'

/** Entries of one partition that one request scans: few tasks may match, and a request has to end. */
const MAX_SCANNED = 2000
const PAGE = 200

type ListedStore = Pick<PartitionStore, 'position' | 'newestTasks' | 'readTasks' | 'forget'>

export interface ListingDeps {
  store: ListedStore
  partitions: number
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'withTasks'> | undefined
  /** Tasks that ended and that the store may have no more. */
  archived?: ((listing: ArchivedListing) => Promise<ListedPart>) | undefined
}

/**
 * One page of a tenant's tasks, newest first; of the same millisecond, the larger id first. Stable: a task that is created
 * meanwhile is before the first page, and none is shown twice or left out.
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
  const parts = await Promise.all(
    all.map((partition) => scanPartition(store, partition, { tenant, request, after })),
  )
  if (archived) {
    const stopped = parts.flatMap(({ scannedTo }) => scannedTo?.createdAtMs ?? [])
    const untilMs = stopped.length > 0 ? Math.max(...stopped) : undefined
    parts.push(await archived({ tenant, request, after, untilMs }))
  }
  return pageOfParts(parts, request.limit)
}

async function scanPartition(
  store: ListedStore,
  partition: number,
  { tenant, request, after }: { tenant: string; request: ListTasksRequest; after: PageEnd | undefined },
): Promise<ListedPart> {
  const { createdFromMs = 0, createdBeforeMs, limit } = request
  const untilMs = Math.min(
    after?.atMs ?? Number.POSITIVE_INFINITY,
    createdBeforeMs === undefined ? Number.POSITIVE_INFINITY : createdBeforeMs - 1,
  )
  const found: ListedPart['found'] = []
  const page = { ...(untilMs < Number.POSITIVE_INFINITY && { untilMs }), count: PAGE }
  let scanned = 0
  for (let start = 0; ; start += PAGE) {
    const entries = await store.newestTasks(partition, { ...page, start })
    const wanted = entries.filter((entry) => after === undefined || isBehind(endOf(entry), after))
    const inTime = wanted.filter(({ createdAtMs }) => createdAtMs >= createdFromMs)
    const ids = inTime.map(({ id }) => id)
    const unreadable = new Set<string>()
    const tasks =
      ids.length > 0 ? await store.readTasks(partition, ids, ({ id }) => void unreadable.add(id)) : []
    for (const task of tasks)
      if (task && task.tenant === tenant && isWanted(task, request)) found.push(summaryOf(task))
    const expired = ids.filter((id, i) => tasks[i] === undefined && !unreadable.has(id))
    await store.forget(partition, expired)
    // Forgetting moves those behind it forward.
    start -= expired.length
    scanned += entries.length
    if (entries.length < PAGE || inTime.length < wanted.length) return { found, scannedTo: undefined }
    if (found.length > limit || scanned >= MAX_SCANNED) return { found, scannedTo: entries.at(-1) }
  }
}

function isWanted(task: TaskState, { status, type, labels }: ListTasksRequest): boolean {
  return (
    (status === undefined || task.status === status) &&
    (type === undefined || task.type === type) &&
    Object.entries(labels ?? {}).every(([name, value]) => task.labels?.[name] === value)
  )
}

function endOf({ createdAtMs, id }: IndexedTask): PageEnd {
  return { atMs: createdAtMs, id }
}
