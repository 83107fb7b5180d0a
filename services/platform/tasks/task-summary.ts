import type { TaskState, TaskSummary } from '#schemas/task.ts'

/** A task as a line of a list. Pure. */
export function summaryOf(task: TaskState): TaskSummary {
  const steps = Object.values(task.steps)
  return {
    id: task.id,
    tenant: task.tenant,
    type: task.type,
    status: task.status,
    ...(task.labels && { labels: task.labels }),
    createdAtMs: task.createdAtMs,
    ...(task.finishedAtMs !== undefined && { finishedAtMs: task.finishedAtMs }),
    ...(task.error && { error: task.error }),
    steps: {
      total: steps.length,
      completed: steps.filter((step) => step.status === 'completed').length,
      failed: steps.filter((step) => step.status === 'failed').length,
    },
  }
}
