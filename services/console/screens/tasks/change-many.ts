import type { ChangedTask, ChangeTasksResponse } from '#schemas/task-controls.ts'
import { api, ask } from '../../data/api.ts'
import { newRequestId } from '../../data/request-id.ts'
import type { BulkAction } from './task-filter.ts'

/** Some tasks by their ids, or all that a filter finds. */
export interface BulkTarget {
  readonly taskIds?: readonly string[]
  readonly filter?: Readonly<Record<string, unknown>>
}

/** One request takes so many. */
const MAX_IDS = 200

/** The bodies of the requests that a target needs, each to be asked page by page. Pure. */
export function requestsFor({ taskIds, filter }: BulkTarget): Record<string, unknown>[] {
  if (!taskIds) return [{ filter }]
  return Array.from({ length: Math.ceil(taskIds.length / MAX_IDS) }, (_, index) => ({
    taskIds: taskIds.slice(index * MAX_IDS, (index + 1) * MAX_IDS),
  }))
}

/** Does, or plans, the same for many tasks, and gives the results page by page. @throws ProblemError */
export async function* changeMany({
  action,
  target,
  dryRun,
  signal,
  reason = '',
}: {
  action: BulkAction
  target: BulkTarget
  dryRun: boolean
  signal: AbortSignal
  reason?: string
}): AsyncGenerator<readonly ChangedTask[]> {
  // The same for all pages: a page that is asked for twice starts no task twice.
  const requestId = newRequestId()
  for (const part of requestsFor(target)) {
    let cursor: string | undefined
    do {
      const body = {
        action,
        ...part,
        dryRun,
        limit: MAX_IDS,
        ...(cursor !== undefined && { cursor }),
        ...(reason !== '' && { reason }),
        ...(action === 'retry' && { requestId }),
      }
      const answer = (await ask(
        api.POST('/v1/tasks/change-many', { body: body as never, signal }),
      )) as unknown as ChangeTasksResponse
      yield answer.results
      cursor = answer.nextCursor
    } while (cursor !== undefined && !signal.aborted)
  }
}
