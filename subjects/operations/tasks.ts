import {
  artifactExample,
  getTaskResultRequestSchema,
  getTaskResultResponseSchema,
  listArtifactsRequestSchema,
  listArtifactsResponseSchema,
} from '#schemas/artifact.ts'
import type { ErrorCode } from '#schemas/problem.ts'
import {
  checkPlanResponseSchema,
  getSubmissionRequestSchema,
  submissionExample,
  submissionOutcomeSchema,
  submissionReceiptSchema,
  submissionSchema,
} from '#schemas/submission.ts'
import { taskEventExample } from '#schemas/task-event.ts'
import {
  cancelTaskRequestSchema,
  cancelTaskResponseSchema,
  getTaskRequestSchema,
  getTaskResponseSchema,
  listTasksRequestSchema,
  listTasksResponseSchema,
  watchTaskItemSchema,
  watchTaskRequestSchema,
} from '#schemas/task-requests.ts'
import { PLAN, TASK, TASK_ID, TASK_SUMMARY } from './examples.ts'
import { EDGE, ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import {
  ACCEPTED,
  events,
  fields,
  header,
  IDEMPOTENCY_KEY,
  id,
  list,
  query,
  ref,
  TASK_FILTERS,
  TASK_PAGE,
  TOKEN,
} from './rest-route.ts'

/** What a submission may be refused for before anything is run. */
export const SUBMIT_ERRORS: readonly ErrorCode[] = [
  'MALFORMED_JSON',
  'JSON_TOO_DEEP',
  'PAYLOAD_TOO_LARGE',
  'INVALID_SUBMISSION',
  'UNKNOWN_TASK_TYPE',
  'UNKNOWN_AGENT',
  'PLAN_CYCLE',
  'PLAN_BAD_REFERENCE',
]
const SUBMISSION_EXAMPLE = {
  type: 'plan',
  plan: {
    steps: [{ id: 'read', agent: 'ingest', input: { name: 'notes.md', text: '# May\nSales rose by 4 %.' } }],
  },
}
const IF_NONE_MATCH = header('If-None-Match', 'ETag of what you have.')

export const TASK_OPERATIONS = {
  submitTask: onNats({
    summary: 'Starts a task; the answer means that it exists, durably.',
    subject: 'murmur.tasks.submit',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    isRaw: true,
    request: message('SubmitTask', submissionSchema, submissionExample, {
      headers: { traceparent: 'W3C trace context: the trace that the task belongs to.' },
    }),
    response: message('SubmissionReceipt', submissionReceiptSchema, { taskId: TASK_ID, duplicate: false }),
    scope: 'tasks:write',
    isChange: true,
    errors: [...SUBMIT_ERRORS, 'IDEMPOTENCY_CONFLICT', 'OVERLOADED'],
    grpc: ['TaskService.SubmitTask'],
    rest: [
      {
        method: 'POST',
        path: '/v1/tasks',
        tag: 'Tasks',
        summary: 'Submit a task, and wait for its end if you like',
        parameters: [
          query('wait', 'Seconds to wait for the end, 0 to 60.', { type: 'number', minimum: 0, maximum: 60 }),
          header('Prefer', 'wait=SECONDS: another way to say it (RFC 7240); the query wins.'),
          IDEMPOTENCY_KEY,
        ],
        body: { schema: ref('Submission'), example: SUBMISSION_EXAMPLE },
        answers: [
          { status: 202, about: 'The task exists, durably.', schema: ref('SubmissionReceipt') },
          {
            status: 200,
            about: 'It ended while it was waited for.',
            schema: fields({ taskId: { type: 'string' }, duplicate: { type: 'boolean' }, task: ref('Task') }),
          },
        ],
      },
    ],
  }),
  listTasks: onNats({
    summary: 'Tasks, newest first, page by page.',
    subject: 'murmur.tasks.list',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('ListTasks', listTasksRequestSchema, {
      status: 'failed',
      labels: { team: 'north' },
      limit: 50,
    }),
    response: message('Tasks', listTasksResponseSchema, { tasks: [TASK_SUMMARY] }),
    scope: 'tasks:read',
    grpc: ['TaskService.ListTasks'],
    rest: [
      {
        method: 'GET',
        path: '/v1/tasks',
        tag: 'Tasks',
        summary: 'List tasks, newest first, page by page',
        parameters: [query('type', 'Only these.', TOKEN), ...TASK_FILTERS],
        answers: [TASK_PAGE],
      },
    ],
  }),
  getTask: onNats({
    summary: 'One task, with its result.',
    subject: 'murmur.tasks.get',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('GetTask', getTaskRequestSchema, { taskId: TASK_ID }),
    response: message('Task', getTaskResponseSchema, { task: TASK }),
    scope: 'tasks:read',
    errors: ['TASK_NOT_FOUND'],
    grpc: ['TaskService.GetTask'],
    rest: [
      {
        method: 'GET',
        path: '/v1/tasks/{id}',
        tag: 'Tasks',
        summary: 'Get a task with its result',
        parameters: [id('task'), IF_NONE_MATCH],
        answers: [
          { status: 200, about: 'The task.', schema: fields({ task: ref('Task') }) },
          { status: 304, about: 'It has not changed.' },
        ],
      },
    ],
  }),
  getTaskResult: onNats({
    summary:
      'The output of a task that completed, whole; refused while it is not over, and when it failed or was cancelled.',
    subject: 'murmur.tasks.result',
    service: EDGE,
    per: 'tenant',
    request: message('GetTaskResult', getTaskResultRequestSchema, { taskId: TASK_ID }),
    response: message('TaskResult', getTaskResultResponseSchema, { output: { count: { words: 7 } } }),
    scope: 'tasks:read',
    errors: [
      'TASK_NOT_FOUND',
      'TASK_NOT_FINISHED',
      'TASK_FAILED',
      'CANCELLED',
      'BLOB_NOT_FOUND',
      'LIMIT_EXCEEDED',
    ],
    grpc: ['TaskService.GetTaskResult'],
    rest: [
      {
        method: 'GET',
        path: '/v1/tasks/{id}/result',
        tag: 'Tasks',
        summary: 'Get the output of a task that completed, and nothing around it',
        parameters: [id('task'), IF_NONE_MATCH],
        answers: [
          {
            status: 200,
            about: 'The output: any JSON, whole, up to 16 MiB.',
            schema: { description: 'What the task made.' },
          },
          { status: 304, about: 'You have it.' },
        ],
      },
    ],
  }),
  listArtifacts: onNats({
    summary: 'The files that a task made, as its output refers to them.',
    subject: 'murmur.tasks.artifacts',
    service: EDGE,
    per: 'tenant',
    request: message('ListArtifacts', listArtifactsRequestSchema, { taskId: TASK_ID }),
    response: message('Artifacts', listArtifactsResponseSchema, { artifacts: [artifactExample] }),
    scope: 'tasks:read',
    errors: ['TASK_NOT_FOUND', 'TASK_NOT_FINISHED', 'BLOB_NOT_FOUND'],
    grpc: ['TaskService.ListArtifacts'],
    rest: [
      {
        method: 'GET',
        path: '/v1/tasks/{id}/artifacts',
        tag: 'Tasks',
        summary: 'List the files that a task made',
        parameters: [id('task')],
        answers: [
          {
            status: 200,
            about: 'Objects that its output refers to; none when it has no output.',
            schema: fields({
              artifacts: list({
                allOf: [
                  ref('Artifact'),
                  fields({ href: { type: 'string', description: 'Where to fetch it.' } }),
                ],
              }),
            }),
          },
        ],
      },
    ],
  }),
  watchTask: onNats({
    summary:
      'Watches a task: a snapshot, every event, what its steps emit, and `end`, each a message to the reply subject.',
    subject: 'murmur.tasks.watch',
    service: EDGE,
    per: 'tenant',
    isStream: true,
    request: message('WatchTask', watchTaskRequestSchema, { taskId: TASK_ID, afterRev: 2, forMs: 60_000 }),
    response: message('WatchItem', watchTaskItemSchema, { kind: 'event', event: taskEventExample }),
    scope: 'tasks:read',
    errors: ['TASK_NOT_FOUND'],
    grpc: ['TaskService.WatchTask'],
    rest: [
      {
        method: 'GET',
        path: '/v1/tasks/{id}/events',
        tag: 'Tasks',
        summary: 'Watch a task: a snapshot, every event, what its steps emit, the result',
        parameters: [
          id('task'),
          query('chunks', 'false: without what its steps emit while they run.', {
            type: 'boolean',
            default: true,
          }),
          header('Last-Event-ID', 'What was seen last: it goes on from there.'),
        ],
        answers: [events('Server-sent events: snapshot, event, chunks, end, problem.')],
      },
    ],
  }),
  cancelTask: onNats({
    summary: 'Asks for the end of a task.',
    subject: 'murmur.tasks.cancel',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('CancelTask', cancelTaskRequestSchema, {
      taskId: TASK_ID,
      reason: 'not needed any more',
    }),
    response: message('CancelAccepted', cancelTaskResponseSchema, { taskId: TASK_ID, accepted: true }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['TASK_NOT_FOUND', 'TASK_ALREADY_FINISHED'],
    grpc: ['TaskService.CancelTask'],
    rest: [
      {
        method: 'POST',
        path: '/v1/tasks/{id}/cancel',
        tag: 'Tasks',
        summary: 'Ask for the end of a task',
        parameters: [id('task')],
        body: {
          schema: ref('CancelTask'),
          isOptional: true,
          example: { reason: 'no longer wanted' },
        },
        answers: [{ status: 202, about: 'It will end.', schema: ACCEPTED }],
      },
    ],
  }),
  getSubmission: onNats({
    summary:
      'What became of a submission that came by `tasks.submit.<type>`; kept for an hour where it was refused.',
    subject: 'murmur.submissions.get',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('GetSubmission', getSubmissionRequestSchema, { messageId: 'may-report-1' }),
    response: message('SubmissionOutcome', submissionOutcomeSchema, { status: 'accepted', taskId: TASK_ID }),
    errors: ['NOT_FOUND'],
  }),
  checkPlan: onNats({
    summary: 'What a submission would do; it is checked as if it were submitted, and nothing is run.',
    subject: 'murmur.plans.check',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    isRaw: true,
    request: message('CheckPlan', submissionSchema, { type: 'plan', plan: PLAN }),
    response: message('PlanCheck', checkPlanResponseSchema, {
      type: 'plan',
      plan: PLAN,
      stages: [['fetch', 'read'], ['count']],
      deadlineMs: 900_000,
    }),
    scope: 'tasks:read',
    errors: SUBMIT_ERRORS,
    grpc: ['TaskService.CheckPlan'],
    rest: [
      {
        method: 'POST',
        path: '/v1/plans',
        tag: 'Plans',
        summary: 'What a submission would do; nothing is run',
        body: { schema: ref('Submission'), example: SUBMISSION_EXAMPLE },
        answers: [
          { status: 200, about: 'Its steps, and which run at the same time.', schema: ref('PlanCheck') },
        ],
      },
    ],
  }),
} as const
