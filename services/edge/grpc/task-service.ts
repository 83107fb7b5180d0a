import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { isTerminal } from '#schemas/task.ts'
import type { Caller } from '../access/access.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { RESULT_BYTES, type ResultRequest, taskArtifacts, taskResult } from '../gateway/task-results.ts'
import { endOfAccepted, type WatchDeps, watchTask } from '../gateway/watch-task.ts'
import { type CallDeps, MAX_ANSWER_BYTES, serverStream, unary } from './call.ts'
import type { CallContext } from './call-context.ts'
import { controlMethods } from './control-methods.ts'
import { listRequestJson, submissionJson, taskIdOf } from './from-proto.ts'
import {
  type SubmitTaskRequest,
  TaskServiceService,
  type WatchTaskRequest,
  type WatchTaskResponse,
} from './generated/v1/task_service.ts'
import { checkMessage, chunksMessage, eventMessage, summaryMessage, taskMessage } from './to-proto.ts'

export interface TaskServiceDeps extends CallDeps, WatchDeps {
  gateway: Gateway
  log: Log
}

const LONGEST_WAIT_MS = 60_000
/** A margin for the way back: an answer without the task is better than none. */
const WAY_BACK_MS = 100

/** TaskService over the gateway. */
export function taskService(deps: TaskServiceDeps): UntypedServiceImplementation {
  const { gateway } = deps
  const is = TaskServiceService
  return {
    ...controlMethods(deps),
    submitTask: unary(deps, 'submitTask', is.submitTask, (request, context) =>
      submit(request, context, deps),
    ),
    getTask: unary(deps, 'getTask', is.getTask, async ({ taskId }, { caller }) => ({
      task: taskMessage(await gateway.get(caller.tenant, taskIdOf(taskId))),
    })),
    getTaskResult: unary(deps, 'getTaskResult', is.getTaskResult, async ({ taskId }, { caller }) => {
      const request = resultRequest(taskId, caller, deps)
      const { output } = await taskResult(gateway, request)
      const isFitting = is.getTaskResult.responseSerialize({ output }).length <= MAX_ANSWER_BYTES
      return isFitting
        ? { output }
        : { output: (await taskResult(gateway, { ...request, maxBytes: 0, mostAnswerBytes: 0 })).output }
    }),
    listArtifacts: unary(deps, 'listArtifacts', is.listArtifacts, async ({ taskId }, { caller }) => ({
      artifacts: await taskArtifacts(gateway, resultRequest(taskId, caller, deps)),
    })),
    listTasks: unary(deps, 'listTasks', is.listTasks, async (request, { caller }) => {
      const { tasks, ...page } = await gateway.list(caller.tenant, listRequestJson(request))
      return { tasks: tasks.map(summaryMessage), ...page }
    }),
    watchTask: serverStream(deps, 'watchTask', is.watchTask, (request, context) =>
      watch(request, context, deps),
    ),
    cancelTask: unary(deps, 'cancelTask', is.cancelTask, ({ taskId, reason }, { caller, isAbout }) => {
      isAbout(taskId)
      return gateway.cancel(caller.tenant, {
        taskId: taskIdOf(taskId),
        ...(reason !== undefined && { reason }),
      })
    }),
    checkPlan: unary(deps, 'checkPlan', is.checkPlan, async ({ submission }, { caller }) =>
      checkMessage(await gateway.checkPlan(caller.tenant, submissionJson(submission))),
    ),
    stopMonitor: unary(deps, 'stopMonitor', is.stopMonitor, async (request, { caller, isAbout }) => {
      isAbout(request.taskId)
      const taskId = taskIdOf(request.taskId)
      await gateway.stopMonitor(caller.tenant, taskId)
      return { taskId, accepted: true }
    }),
  }
}

async function submit(
  { submission, waitMs = 0 }: SubmitTaskRequest,
  context: CallContext,
  deps: TaskServiceDeps,
) {
  if (waitMs < 0 || waitMs > LONGEST_WAIT_MS)
    throw new MurmurError(
      'INVALID_REQUEST',
      `the request is not valid: waitMs must be 0 to ${LONGEST_WAIT_MS}`,
      {
        issues: [{ path: 'waitMs', message: `must be 0 to ${LONGEST_WAIT_MS}` }],
      },
    )
  const { tenant } = context.caller
  const receipt = await deps.gateway.submit(tenant, submissionJson(submission))
  context.isAbout(receipt.taskId)
  if (waitMs === 0) return receipt
  context.waits()
  const { remainingMs = Number.POSITIVE_INFINITY, signal } = context
  // Whole milliseconds: what is left until a deadline has a fraction.
  const timeout = AbortSignal.timeout(Math.max(0, Math.ceil(Math.min(waitMs, remainingMs - WAY_BACK_MS))))
  const accepted = { tenant, taskId: receipt.taskId }
  const task = await endOfAccepted(accepted, deps, AbortSignal.any([signal, timeout]))
  return { ...receipt, task: task && taskMessage(task) }
}

function resultRequest(
  taskId: string | undefined,
  caller: Caller,
  { access }: Pick<TaskServiceDeps, 'access'>,
): ResultRequest {
  return {
    tenant: caller.tenant,
    taskId: taskIdOf(taskId),
    maxBytes: RESULT_BYTES,
    spend: (bytes) => access.spendBytes(caller, bytes),
  }
}

async function* watch(
  { taskId, afterRev, chunks = true }: WatchTaskRequest,
  { caller, signal, assertServing }: CallContext,
  deps: TaskServiceDeps,
): AsyncGenerator<WatchTaskResponse> {
  const watched = { tenant: caller.tenant, taskId: taskIdOf(taskId), afterRev, chunks }
  for await (const item of watchTask(watched, deps, signal)) {
    if (item.kind === 'snapshot') {
      yield { item: { $case: 'snapshot', value: taskMessage(item.task) } }
      if (isTerminal(item.task.status)) return
    } else if (item.kind === 'event') yield { item: { $case: 'event', value: eventMessage(item.event) } }
    else if (item.kind === 'chunks') yield { item: { $case: 'chunks', value: chunksMessage(item.chunks) } }
  }
  assertServing()
}
