import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import type { JsonObject } from '#schemas/json.ts'
import { type Plan as ProtoPlan, type Step as ProtoStep, TaskStatus } from './generated/v1/task.ts'
import type { ListTasksRequest, Submission } from './generated/v1/task_service.ts'

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
    labels: labels && Object.keys(labels).length > 0 ? labels : undefined,
  })
}

export function planJson({ steps = [], output }: ProtoPlan): JsonObject {
  assertFinite(output, 'plan.output')
  return present({ steps: steps.map(stepJson), output }) as JsonObject
}

function stepJson({ needs, requires, input, retry, ...rest }: ProtoStep, i: number): JsonObject {
  assertFinite(input, `plan.steps.${i}.input`)
  return present({
    ...rest,
    needs: needs && needs.length > 0 ? needs : undefined,
    requires: requires && requires.length > 0 ? requires : undefined,
    input,
    retry: retry && present({ ...retry }),
  })
}

/** The request of `murmur.tasks.list`. */
export function listRequestJson({ status, labels, ...rest }: ListTasksRequest): JsonObject {
  return present({
    ...rest,
    status: status === undefined ? undefined : statusName(status),
    labels: labels && Object.keys(labels).length > 0 ? labels : undefined,
  })
}

function statusName(status: TaskStatus): string {
  const name = Object.entries(TaskStatus).find(([, value]) => value === status)?.[0]
  return name?.replace('TASK_STATUS_', '').toLowerCase() ?? `${status}`
}

/** Without what is not set. */
export function present(fields: object): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject
}

/** Protobuf knows numbers that JSON does not. */
export function assertFinite(value: unknown, path: string): void {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const item = open.pop()
    if (typeof item === 'object' && item !== null) for (const inner of Object.values(item)) open.push(inner)
    else if (typeof item === 'number' && !Number.isFinite(item))
      throw new MurmurError(
        'INVALID_SUBMISSION',
        `the submission is not valid: ${path} has the number ${item}`,
        {
          issues: [{ path, message: 'has a number that is not finite' }],
        },
      )
  }
}

const requestSchema = z.object({ taskId: taskIdSchema })

/** @throws MurmurError INVALID_REQUEST */
export function taskIdOf(taskId: string | undefined): string {
  return checkRequest(requestSchema, { taskId }).taskId
}
