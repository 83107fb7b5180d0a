import { MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import { isTerminal, type TaskState, type TaskSummary } from '#schemas/task.ts'
import type { ChangedTask, ChangeTasksRequest, ChangeTasksResponse } from '#schemas/task-controls.ts'
import { type ListingDeps, listTasks } from './list-tasks.ts'

/** Tasks of one request that are changed at the same time. */
const CONCURRENT_CHANGES = 16

type About = { taskId: string; reason?: string | undefined }

/** What can be done to one task. @throws MurmurError what it is refused for */
export interface OneTask {
  find(tenant: string, taskId: string): Promise<TaskState>
  cancel(tenant: string, about: About): Promise<unknown>
  pause(tenant: string, about: About): Promise<unknown>
  resume(tenant: string, about: { taskId: string }): Promise<unknown>
  retry(tenant: string, about: { taskId: string; requestId: string }): Promise<{ taskId: string }>
}

/** The same for many tasks. Each for itself: what one is refused for stops no other. */
export async function changeTasks(
  listing: ListingDeps,
  controls: OneTask,
  tenant: string,
  request: ChangeTasksRequest,
): Promise<ChangeTasksResponse> {
  const { ids, nextCursor } = await select(listing, tenant, request)
  const results: ChangedTask[] = []
  for (let at = 0; at < ids.length; at += CONCURRENT_CHANGES) {
    const some = ids.slice(at, at + CONCURRENT_CHANGES)
    results.push(...(await Promise.all(some.map((taskId) => changeOne(controls, tenant, taskId, request)))))
  }
  return { results, ...(nextCursor !== undefined && { nextCursor }) }
}

async function select(
  listing: ListingDeps,
  tenant: string,
  { taskIds, filter, limit, cursor, action }: ChangeTasksRequest,
): Promise<{ ids: string[]; nextCursor?: string | undefined }> {
  if (taskIds) return { ids: [...new Set(taskIds)] }
  const page = await listTasks(listing, tenant, { ...filter, limit, cursor })
  // A filter means those that it can be done to; a task that is named gets an answer in any case.
  const ids = page.tasks.filter((task) => suits(action, task.status)).map(({ id }) => id)
  return { ids, nextCursor: page.nextCursor }
}

function suits(action: ChangeTasksRequest['action'], status: TaskSummary['status']): boolean {
  if (action === 'retry') return status === 'failed' || status === 'cancelled'
  if (action === 'resume') return status === 'paused'
  if (action === 'pause') return status === 'running' || status === 'scheduled'
  return !isTerminal(status)
}

async function changeOne(
  controls: OneTask,
  tenant: string,
  taskId: string,
  { action, reason, requestId, dryRun }: ChangeTasksRequest,
): Promise<ChangedTask> {
  let task: TaskState | undefined
  try {
    task = await controls.find(tenant, taskId)
    const { type, status } = task
    if (dryRun) {
      if (!suits(action, status))
        throw new MurmurError(
          'TASK_STATE_CONFLICT',
          `task "${taskId}" is ${status}: ${action} has no meaning for it`,
        )
      return { taskId, type, status, outcome: 'planned' }
    }
    const about = { taskId, ...(reason !== undefined && { reason }) }
    if (action === 'cancel') await controls.cancel(tenant, about)
    else if (action === 'pause') await controls.pause(tenant, about)
    else if (action === 'resume') await controls.resume(tenant, { taskId })
    else {
      const retried = await controls.retry(tenant, { taskId, requestId: requestId! })
      return { taskId, type, status, outcome: 'done', newTaskId: retried.taskId }
    }
    return { taskId, type, status, outcome: 'done' }
  } catch (error) {
    const about = task && { type: task.type, status: task.status }
    return { taskId, ...about, outcome: 'failed', problem: toProblem(error) }
  }
}
