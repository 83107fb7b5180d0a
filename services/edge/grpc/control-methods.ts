import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { JsonObject } from '#schemas/json.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type CallDeps, unary } from './call.ts'
import { listRequestJson } from './from-proto.ts'
import {
  type AnswerApprovalRequest,
  type ChangeTasksRequest,
  type RetryTaskRequest,
  TaskServiceService,
} from './generated/v1/task_service.ts'
import { assertFinite, filled, planJson, present } from './plan-json.ts'
import { approvalMessage, changedMessage } from './to-proto.ts'

/** Those methods of TaskService that want something of tasks which are there. */
export function controlMethods(deps: CallDeps & { gateway: Gateway }): UntypedServiceImplementation {
  const is = TaskServiceService
  const { controls } = deps.gateway
  return {
    pauseTask: unary(deps, 'pauseTask', is.pauseTask, (request, { caller, isAbout }) => {
      isAbout(request.taskId)
      return controls.pause(caller, present(request))
    }),
    resumeTask: unary(deps, 'resumeTask', is.resumeTask, (request, { caller, isAbout }) => {
      isAbout(request.taskId)
      return controls.resume(caller, present(request))
    }),
    signalTask: unary(deps, 'signalTask', is.signalTask, (request, { caller, isAbout }) => {
      isAbout(request.taskId)
      assertFinite(request.payload, 'payload', 'INVALID_REQUEST')
      return controls.signal(caller, present(request))
    }),
    listApprovals: unary(deps, 'listApprovals', is.listApprovals, async (request, { caller }) => {
      const { approvals, nextCursor } = await controls.approvals(caller, present(request))
      return { approvals: approvals.map(approvalMessage), nextCursor }
    }),
    answerApproval: unary(deps, 'answerApproval', is.answerApproval, (request, { caller, isAbout }) => {
      isAbout(request.taskId)
      return controls.answer(caller, answerJson(request))
    }),
    handOnApproval: unary(deps, 'handOnApproval', is.handOnApproval, (request, { caller, isAbout }) => {
      isAbout(request.taskId)
      return controls.handOn(caller, present(request))
    }),
    retryTask: unary(deps, 'retryTask', is.retryTask, (request, { caller, isAbout }) => {
      isAbout(request.taskId)
      return controls.retry(caller, retryJson(request))
    }),
    changeTasks: unary(deps, 'changeTasks', is.changeTasks, async (request, { caller, isAbout }) => {
      const body = changeJson(request)
      isAbout(JSON.stringify(body.taskIds ?? body.filter ?? {}))
      const { results, nextCursor } = await controls.changeMany(caller, body)
      return { results: results.map(changedMessage), nextCursor }
    }),
  }
}

function answerJson(request: AnswerApprovalRequest): JsonObject {
  assertFinite(request.values, 'values', 'INVALID_REQUEST')
  assertFinite(request.subject, 'subject', 'INVALID_REQUEST')
  return present(request)
}

function retryJson({ fromSteps, input, plan, ...rest }: RetryTaskRequest): JsonObject {
  assertFinite(input, 'input', 'INVALID_REQUEST')
  return present({ ...rest, fromSteps: filled(fromSteps), input, plan: plan && planJson(plan) })
}

function changeJson({ taskIds, filter, ...rest }: ChangeTasksRequest): JsonObject {
  return present({ ...rest, taskIds: filled(taskIds), filter: filter && listRequestJson(filter) })
}
