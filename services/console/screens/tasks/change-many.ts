import { formatLabelFilter } from '#schemas/label-filter.ts'
import type { ChangedTask, ChangeTasksResponse } from '#schemas/task-controls.ts'
import { api, ask } from '../../data/api.ts'
import type { BulkAction, BulkFilter } from './task-filter.ts'

/** Some tasks by their ids, or all that a filter finds. */
export interface BulkTarget {
  readonly taskIds?: readonly string[]
  readonly filter?: BulkFilter
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

/** What is said beside which tasks: a reason, or of a retry the id of the request. */
export interface BulkWords {
  readonly reason?: string
  readonly requestId?: string
}

/** The same as a command: arguments of `murmur`. Pure. */
export function murmurArguments(
  action: BulkAction,
  { taskIds, filter = {} }: BulkTarget,
  { reason, requestId }: BulkWords,
): string[] {
  const { status, type, labels = {}, text, createdFromMs, createdBeforeMs } = filter
  const option = (name: string, value: string | undefined) => (value === undefined ? [] : [name, value])
  const moment = (atMs: number | undefined) => (atMs === undefined ? undefined : new Date(atMs).toISOString())
  return [
    'tasks',
    action,
    ...(taskIds ?? []),
    ...option('--status', status),
    ...option('--type', type),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', formatLabelFilter(name, value, '=')]),
    ...option('--text', text),
    ...option('--since', moment(createdFromMs)),
    ...option('--before', moment(createdBeforeMs)),
    ...option('--reason', reason),
    ...option('--request-id', requestId),
  ]
}

/** Does, or plans, the same for many tasks, and gives the results page by page. @throws ProblemError */
export async function* changeMany({
  action,
  target,
  dryRun,
  signal,
  requestId,
  reason = '',
}: {
  action: BulkAction
  target: BulkTarget
  dryRun: boolean
  signal: AbortSignal
  /** The same for all pages: a page that is asked for twice starts no task twice. */
  requestId: string
  reason?: string
}): AsyncGenerator<readonly ChangedTask[]> {
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
