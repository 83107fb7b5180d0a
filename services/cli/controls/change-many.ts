import type { ChangedTask, ChangeTasksRequest, ChangeTasksResponse } from '#schemas/task-controls.ts'
import { MAX_BULK_TASKS } from '#schemas/task-controls.ts'

/** Which tasks a command is about. */
export interface TaskSelection {
  readonly taskIds: readonly string[]
  readonly filter: NonNullable<ChangeTasksRequest['filter']>
  readonly dryRun: boolean
}

/** What is sent for one page. */
export type TaskPage =
  | { taskIds: string[]; dryRun: boolean }
  | { filter: TaskSelection['filter']; dryRun: boolean; cursor?: string }

/**
 * Changes tasks page by page, so that no request is larger than a service takes. Ends early when the signal aborts: what was
 * changed is told, and the same command goes on where it was.
 */
export async function changeMany(
  { taskIds, filter, dryRun }: TaskSelection,
  change: (page: TaskPage) => Promise<ChangeTasksResponse>,
  signal: AbortSignal,
): Promise<ChangedTask[]> {
  const results: ChangedTask[] = []
  if (taskIds.length > 0) {
    for (let at = 0; at < taskIds.length && !signal.aborted; at += MAX_BULK_TASKS)
      results.push(...(await change({ taskIds: taskIds.slice(at, at + MAX_BULK_TASKS), dryRun })).results)
    return results
  }
  let cursor: string | undefined
  do {
    const page = await change({ filter, dryRun, ...(cursor !== undefined && { cursor }) })
    results.push(...page.results)
    cursor = page.nextCursor
  } while (cursor !== undefined && !signal.aborted)
  return results
}
