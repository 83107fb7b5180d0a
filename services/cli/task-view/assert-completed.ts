import { ERRORS } from '#schemas/problem.ts'
import type { TaskState } from '#schemas/task.ts'
import { CliError } from '../cli-error.ts'

/** @throws CliError TASK_FAILED or TASK_CANCELLED with the error that the task ended with */
export function assertCompleted(task: TaskState): void {
  if (task.status === 'completed') return
  const { error } = task
  const reason = error ? `: ${error.code}: ${error.message}` : ''
  const where = error?.stepId === undefined ? '' : ` in step "${error.stepId}"`
  const known = error && Object.entries(ERRORS).find(([code]) => code === error.code)
  const code = task.status === 'cancelled' ? 'TASK_CANCELLED' : 'TASK_FAILED'
  throw new CliError(
    code,
    `task ${task.id} ${task.status}${where}${reason}`,
    known ? { fix: known[1].fix } : {},
  )
}
