import { encodeCursor } from '#platform/requests/cursor.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskSummary } from '#schemas/task.ts'
import type { ListOrder, ListTasksResponse } from '#schemas/task-requests.ts'

/** Where a task stands in a list. */
export type ListPlace = Pick<TaskSummary, 'id' | 'createdAtMs'>

/** What one of several places has for a page, and how far it was looked through; undefined: to its end. */
export interface ListedPart {
  found: TaskSummary[]
  scannedTo: ListPlace | undefined
}

/**
 * One page out of what all places have for it. Of a task that several have, the first counts. Pure.
 * @param limit tasks; a page of large ones has fewer, and one at least
 */
export function pageOfParts(
  parts: readonly ListedPart[],
  limit: number,
  order: ListOrder = 'newest',
): ListTasksResponse {
  const compare = inOrder(order)
  // Behind the place where the first of them stopped, the others' tasks may have unseen ones before them.
  const horizon = parts
    .flatMap(({ scannedTo }) => scannedTo ?? [])
    .toSorted(compare)
    .at(0)
  const certain = parts
    .flatMap(({ found }) => found)
    .filter(firstOfSame())
    .filter((task) => horizon === undefined || compare(task, horizon) <= 0)
    .toSorted(compare)
  const tasks = certain.slice(0, pageLength(certain, limit))
  const end = certain.length > tasks.length ? tasks.at(-1) : horizon
  return { tasks, ...(end && { nextCursor: encodeCursor({ atMs: end.createdAtMs, id: end.id }) }) }
}

/** The order of lists: newest first, and of the same millisecond the larger id first; or just the other way round. Pure. */
export function inOrder(order: ListOrder): (a: ListPlace, b: ListPlace) => number {
  const sign = order === 'newest' ? 1 : -1
  return (a, b) => sign * (b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0))
}

/** What is in the archive may still be in the store: the latter counts. */
function firstOfSame(): (task: TaskSummary) => boolean {
  const seen = new Set<string>()
  return ({ id, createdAtMs }) => {
    const name = `${id} ${createdAtMs}`
    return !seen.has(name) && seen.add(name) !== undefined
  }
}

/** As many as are wanted and fit into a page, and one at least. */
function pageLength(tasks: readonly TaskSummary[], limit: number): number {
  let bytes = 0
  for (const [i, task] of tasks.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(task)) + 1
    if (i === limit || (i > 0 && bytes > LIMITS.pageBytes)) return i
  }
  return tasks.length
}
