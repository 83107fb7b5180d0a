import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'
import type { Submission } from '#schemas/submission.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { type RetryTaskRequest, retryTaskRequestSchema } from '#schemas/task-controls.ts'
import type { LateReason } from '#workflow/decide/commands.ts'
import { retryOrder } from '#workflow/plan/retry-order.ts'

/** What runs again, and with what. The same `requestId` gives the same new task. */
export type RetryOptions = Partial<Omit<RetryTaskRequest, 'taskId'>>

/** Where a task comes from that runs another one again. */
export type RetryOrigin = Pick<TaskAccepted, 'retryOf' | 'type' | 'results'>

/**
 * The new task for one that is over, with the checks of the API. Pure.
 * @throws MurmurError TASK_NOT_FINISHED, INVALID_REQUEST
 */
export function retryOfTask(
  task: TaskState,
  options: RetryOptions & { requestId: string },
): { submission: Submission; origin: RetryOrigin } {
  const parsed = retryTaskRequestSchema.safeParse({ ...options, taskId: task.id })
  if (!parsed.success)
    throw new MurmurError('INVALID_REQUEST', parsed.error.issues.map(({ message }) => message).join('; '))
  if (!isTerminal(task.status))
    throw new MurmurError(
      'TASK_NOT_FINISHED',
      `task "${task.id}" is ${task.status}: cancel it first, or wait for its end`,
    )
  const { submission, ...order } = retryOrder(task, parsed.data)
  return { submission, origin: { retryOf: task.id, type: task.type, ...order } }
}

/** Why a control came to nothing. */
export function refusal({ id, status }: TaskState, action: string, reason: LateReason): MurmurError {
  if (reason === 'task-finished')
    return new MurmurError('TASK_ALREADY_FINISHED', `task "${id}" is ${status} already`)
  if (reason === 'signal-buffer-full')
    return new MurmurError('LIMIT_EXCEEDED', `task "${id}" keeps as many signals as it may`)
  return new MurmurError(
    'TASK_STATE_CONFLICT',
    `${action} came to nothing (${reason}): task "${id}" is ${status}`,
  )
}
