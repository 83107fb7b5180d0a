import type { ChangedTask, ChangeTasksRequest, ChangeTasksResponse } from '#schemas/task-controls.ts'
import { MAX_BULK_TASKS } from '#schemas/task-controls.ts'
import { changeInPages } from '../output/change-pages.ts'

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

/** Changes tasks page by page; ends early when the signal aborts. */
export function changeMany(
  { taskIds, filter, dryRun }: TaskSelection,
  change: (page: TaskPage) => Promise<ChangeTasksResponse>,
  signal: AbortSignal,
): Promise<ChangedTask[]> {
  return changeInPages({ named: taskIds, most: MAX_BULK_TASKS, signal }, (page) =>
    change('ids' in page ? { taskIds: page.ids, dryRun } : { filter, dryRun, ...page }),
  )
}
