import { z } from 'zod'
import { checkRequest } from '#platform/requests/check-request.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import type { JsonObject } from '#schemas/json.ts'
import { TaskStatus } from './generated/v1/task.ts'
import type { ListTasksRequest, Submission, TaskFilter } from './generated/v1/task_service.ts'
import { assertFinite, filled, planJson, present } from './plan-json.ts'

export { present } from './plan-json.ts'

/** What is set of a message, as the services on NATS have it; they check it. */
export function submissionJson(submission: Submission | undefined): JsonObject {
  if (!submission) return {}
  const { input, plan, labels, type, ...rest } = submission
  assertFinite(input, 'input')
  return present({
    ...rest,
    type: type === '' ? undefined : type,
    input,
    plan: plan && planJson(plan),
    labels: filled(labels),
  })
}

/** The request of `murmur.tasks.list`, or the filter of another one. */
export function listRequestJson({ status, labels, ...rest }: ListTasksRequest | TaskFilter): JsonObject {
  return present({
    ...rest,
    status: status === undefined ? undefined : statusName(status),
    labels: filled(labels),
  })
}

function statusName(status: TaskStatus): string {
  const name = Object.entries(TaskStatus).find(([, value]) => value === status)?.[0]
  return name?.replace('TASK_STATUS_', '').toLowerCase() ?? `${status}`
}

const requestSchema = z.object({ taskId: taskIdSchema })

/** @throws MurmurError INVALID_REQUEST */
export function taskIdOf(taskId: string | undefined): string {
  return checkRequest(requestSchema, { taskId }).taskId
}
