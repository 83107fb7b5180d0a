import {
  answerApprovalRequestSchema,
  answerApprovalResponseSchema,
  changeTasksRequestSchema,
  changeTasksResponseSchema,
  handOnApprovalRequestSchema,
  handOnApprovalResponseSchema,
  listApprovalsRequestSchema,
  listApprovalsResponseSchema,
  openApprovalExample,
  pauseTaskRequestSchema,
  pauseTaskResponseSchema,
  resumeTaskRequestSchema,
  resumeTaskResponseSchema,
  retryTaskRequestSchema,
  retryTaskResponseSchema,
  signalTaskRequestSchema,
  signalTaskResponseSchema,
} from '#schemas/task-controls.ts'
import { TASK_ID } from './examples.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { ACCEPTED, CURSOR, fields, id, list, named, query, ref, TOKEN } from './rest-route.ts'

const APPROVAL = openApprovalExample

/** What somebody may want of tasks that are there. Each is written into the log of its task, and acted on in the log's order. */
export const CONTROL_OPERATIONS = {
  pauseTask: onNats({
    summary:
      'Nothing new of a task begins until it is resumed; what runs ends, and its deadline stands still.',
    subject: 'murmur.tasks.pause',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('PauseTask', pauseTaskRequestSchema, { taskId: TASK_ID, reason: 'maintenance' }),
    response: message('PauseAccepted', pauseTaskResponseSchema, { taskId: TASK_ID, accepted: true }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['TASK_NOT_FOUND', 'TASK_ALREADY_FINISHED', 'TASK_STATE_CONFLICT'],
    grpc: ['TaskService.PauseTask'],
    rest: [
      {
        method: 'POST',
        path: '/v1/tasks/{id}/pause',
        tag: 'Tasks',
        summary: 'Pause a task',
        parameters: [id('task')],
        body: { schema: ref('PauseTask'), isOptional: true, example: { reason: 'maintenance' } },
        answers: [{ status: 202, about: 'It will pause.', schema: ACCEPTED }],
      },
    ],
  }),
  resumeTask: onNats({
    summary: 'A paused task goes on.',
    subject: 'murmur.tasks.resume',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('ResumeTask', resumeTaskRequestSchema, { taskId: TASK_ID }),
    response: message('ResumeAccepted', resumeTaskResponseSchema, { taskId: TASK_ID, accepted: true }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['TASK_NOT_FOUND', 'TASK_ALREADY_FINISHED', 'TASK_STATE_CONFLICT'],
    grpc: ['TaskService.ResumeTask'],
    rest: [
      {
        method: 'POST',
        path: '/v1/tasks/{id}/resume',
        tag: 'Tasks',
        summary: 'Resume a task',
        parameters: [id('task')],
        answers: [{ status: 202, about: 'It will go on.', schema: ACCEPTED }],
      },
    ],
  }),
  signalTask: onNats({
    summary: 'A signal for a step that waits for it, now or later; it is delivered once.',
    subject: 'murmur.tasks.signal',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('SignalTask', signalTaskRequestSchema, {
      taskId: TASK_ID,
      name: 'payment-received',
      id: 'payment-4711',
      payload: { amount: 4200 },
    }),
    response: message('SignalAccepted', signalTaskResponseSchema, {
      taskId: TASK_ID,
      accepted: true,
      id: 'payment-4711',
    }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['TASK_NOT_FOUND', 'TASK_ALREADY_FINISHED', 'TASK_STATE_CONFLICT', 'LIMIT_EXCEEDED'],
    grpc: ['TaskService.SignalTask'],
    rest: [
      {
        method: 'POST',
        path: '/v1/tasks/{id}/signals',
        tag: 'Tasks',
        summary: 'Send a signal to a task',
        parameters: [id('task')],
        body: {
          schema: ref('SignalTask'),
          example: { name: 'payment-received', id: 'payment-4711', payload: { amount: 4200 } },
        },
        answers: [
          {
            status: 202,
            about: 'It will be delivered.',
            schema: { allOf: [ACCEPTED, fields({ id: { type: 'string' } })] },
          },
        ],
      },
    ],
  }),
  listApprovals: onNats({
    summary: 'Questions that wait for somebody to decide.',
    subject: 'murmur.approvals.list',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('ListApprovals', listApprovalsRequestSchema, { assignee: 'finance', limit: 50 }),
    response: message('Approvals', listApprovalsResponseSchema, { approvals: [APPROVAL] }),
    scope: 'tasks:read',
    grpc: ['TaskService.ListApprovals'],
    rest: [
      {
        method: 'GET',
        path: '/v1/approvals',
        tag: 'Tasks',
        summary: 'List approvals that are waited for, page by page',
        parameters: [
          query('assignee', 'Only those for this person or group, and those for nobody in particular.', {
            type: 'string',
            minLength: 1,
            maxLength: 100,
          }),
          query('taskId', 'Only those of this task.', TOKEN),
          query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 200, default: 50 }),
          query('cursor', 'nextCursor of the last page.', { ...CURSOR, maxLength: 512 }),
        ],
        answers: [
          {
            status: 200,
            about: 'One page.',
            schema: fields({ approvals: list(ref('Approval')), nextCursor: { type: 'string' } }),
          },
        ],
      },
    ],
  }),
  answerApproval: onNats({
    summary: 'Approves or rejects what a task waits with.',
    subject: 'murmur.approvals.answer',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('AnswerApproval', answerApprovalRequestSchema, {
      taskId: TASK_ID,
      stepId: APPROVAL.stepId,
      attempt: 1,
      decision: 'approved',
      comment: 'checked with the bank',
    }),
    response: message('AnswerAccepted', answerApprovalResponseSchema, { taskId: TASK_ID, accepted: true }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['TASK_NOT_FOUND', 'TASK_ALREADY_FINISHED', 'APPROVAL_NOT_OPEN', 'INVALID_REQUEST'],
    grpc: ['TaskService.AnswerApproval'],
    rest: [
      {
        method: 'POST',
        path: '/v1/tasks/{id}/approvals/{step}',
        tag: 'Tasks',
        summary: 'Approve or reject',
        parameters: [id('task'), named('step', 'The step that asks.')],
        body: {
          schema: ref('AnswerApproval'),
          example: { decision: 'approved', comment: 'checked with the bank' },
        },
        answers: [{ status: 202, about: 'It is decided.', schema: ACCEPTED }],
      },
    ],
  }),
  handOnApproval: onNats({
    summary: 'Hands what a task waits with on to other persons or groups.',
    subject: 'murmur.approvals.hand-on',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('HandOnApproval', handOnApprovalRequestSchema, {
      taskId: TASK_ID,
      stepId: APPROVAL.stepId,
      attempt: 1,
      to: ['board'],
      reason: 'more than I may decide',
    }),
    response: message('HandOnAccepted', handOnApprovalResponseSchema, { taskId: TASK_ID, accepted: true }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['TASK_NOT_FOUND', 'TASK_ALREADY_FINISHED', 'APPROVAL_NOT_OPEN', 'LIMIT_EXCEEDED'],
    grpc: ['TaskService.HandOnApproval'],
    rest: [
      {
        method: 'POST',
        path: '/v1/tasks/{id}/approvals/{step}/hand-on',
        tag: 'Tasks',
        summary: 'Hand a question on to others',
        parameters: [id('task'), named('step', 'The step that asks.')],
        body: {
          schema: ref('HandOnApproval'),
          example: { to: ['board'], reason: 'more than I may decide' },
        },
        answers: [{ status: 202, about: 'It is for them.', schema: ACCEPTED }],
      },
    ],
  }),
  retryTask: onNats({
    summary: 'A new task with the plan of one that is over; steps that are not run again keep their results.',
    subject: 'murmur.tasks.retry',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('RetryTask', retryTaskRequestSchema, { taskId: TASK_ID, requestId: 'mended-1' }),
    response: message('RetriedTask', retryTaskResponseSchema, {
      taskId: 'm2w7ab',
      duplicate: false,
      retryOf: TASK_ID,
      kept: ['fetch'],
    }),
    scope: 'tasks:write',
    isChange: true,
    errors: [
      'TASK_NOT_FOUND',
      'TASK_NOT_FINISHED',
      'IDEMPOTENCY_CONFLICT',
      'INVALID_REQUEST',
      'QUOTA_EXCEEDED',
      'OVERLOADED',
    ],
    grpc: ['TaskService.RetryTask'],
    rest: [
      {
        method: 'POST',
        path: '/v1/tasks/{id}/retry',
        tag: 'Tasks',
        summary: 'Run a task again from the step that failed, or from any',
        parameters: [id('task')],
        body: {
          schema: ref('RetryTask'),
          example: { requestId: 'mended-1' },
        },
        answers: [
          {
            status: 202,
            about: 'The new task exists, durably.',
            schema: fields({
              taskId: { type: 'string' },
              duplicate: { type: 'boolean' },
              retryOf: { type: 'string' },
              kept: { type: 'array', items: { type: 'string' } },
            }),
          },
        ],
      },
    ],
  }),
  changeTasks: onNats({
    summary:
      'Cancels, pauses, resumes or retries every task that a filter finds, page by page; with a dry run.',
    subject: 'murmur.tasks.change-many',
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('ChangeTasks', changeTasksRequestSchema, {
      action: 'cancel',
      filter: { type: 'report', status: 'running' },
      dryRun: true,
    }),
    response: message('ChangedTasks', changeTasksResponseSchema, {
      results: [{ taskId: TASK_ID, type: 'report', status: 'running', outcome: 'planned' }],
    }),
    scope: 'tasks:write',
    isChange: true,
    grpc: ['TaskService.ChangeTasks'],
    rest: [
      {
        method: 'POST',
        path: '/v1/tasks/change-many',
        tag: 'Tasks',
        summary: 'Cancel, pause, resume or retry many tasks',
        body: {
          schema: ref('ChangeTasks'),
          example: { action: 'cancel', filter: { type: 'report', status: 'running' }, dryRun: true },
        },
        answers: [
          {
            status: 200,
            about: 'What became of each task.',
            schema: fields({ results: list(ref('ChangedTask')), nextCursor: { type: 'string' } }),
          },
        ],
      },
    ],
  }),
} as const
