import type { ErrorCode } from '#schemas/problem.ts'
import {
  ACCEPTED,
  fields,
  header,
  id,
  query,
  type RouteEntry,
  type RouteParameter,
  ref,
} from './route-entry.ts'

export const SUBMISSION_EXAMPLE = {
  type: 'plan',
  plan: {
    steps: [{ id: 'read', agent: 'ingest', input: { name: 'notes.md', text: '# May\nSales rose by 4 %.' } }],
  },
}
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
/** What tasks can be picked by, whatever their type. */
export const TASK_FILTERS: readonly RouteParameter[] = [
  query('status', 'Only these.', { enum: ['scheduled', 'running', 'completed', 'failed', 'cancelled'] }),
  query('label', 'name:value; several have all to be there.', {
    type: 'array',
    items: { type: 'string' },
  }),
  query(
    'createdFrom',
    'A date, with a time as RFC 3339 has it or without (midnight UTC), or Unix milliseconds.',
  ),
  query('createdBefore', 'RFC 3339 or Unix milliseconds.'),
  query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
  query('cursor', 'nextCursor of the last page.'),
]
export const TASK_PAGE = {
  status: 200,
  about: 'One page.',
  schema: fields({ tasks: { type: 'array', items: ref('TaskSummary') }, nextCursor: { type: 'string' } }),
} as const

/** `/v1/tasks` */
export const TASK_ENTRIES: readonly RouteEntry[] = [
  {
    method: 'POST',
    path: '/v1/tasks',
    operation: 'submitTask',
    tag: 'Tasks',
    summary: 'Submit a task, and wait for its end if you like',
    parameters: [
      query('wait', 'Seconds to wait for the end, 0 to 60.', { type: 'number', minimum: 0, maximum: 60 }),
      header('Prefer', 'wait=SECONDS: another way to say it (RFC 7240); the query wins.'),
      header('Idempotency-Key', 'The same request again gives the same task.'),
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
    errors: [...SUBMIT_ERRORS, 'IDEMPOTENCY_CONFLICT', 'OVERLOADED'],
  },
  {
    method: 'GET',
    path: '/v1/tasks',
    operation: 'listTasks',
    tag: 'Tasks',
    summary: 'List tasks, newest first, page by page',
    parameters: [query('type', 'Only these.'), ...TASK_FILTERS],
    answers: [TASK_PAGE],
  },
  {
    method: 'GET',
    path: '/v1/tasks/{id}',
    operation: 'getTask',
    tag: 'Tasks',
    summary: 'Get a task with its result',
    parameters: [id('task'), header('If-None-Match', 'ETag of what you have.')],
    answers: [
      { status: 200, about: 'The task.', schema: fields({ task: ref('Task') }) },
      { status: 304, about: 'It has not changed.' },
    ],
    errors: ['TASK_NOT_FOUND'],
  },
  {
    method: 'GET',
    path: '/v1/tasks/{id}/result',
    operation: 'getTaskResult',
    tag: 'Tasks',
    summary: 'Get the output of a task that completed, and nothing around it',
    parameters: [id('task'), header('If-None-Match', 'ETag of what you have.')],
    answers: [
      {
        status: 200,
        about: 'The output: any JSON, whole, up to 16 MiB.',
        schema: { description: 'What the task made.' },
      },
      { status: 304, about: 'You have it.' },
    ],
    errors: [
      'TASK_NOT_FOUND',
      'TASK_NOT_FINISHED',
      'STEP_FAILED',
      'CANCELLED',
      'BLOB_NOT_FOUND',
      'LIMIT_EXCEEDED',
    ],
  },
  {
    method: 'GET',
    path: '/v1/tasks/{id}/artifacts',
    operation: 'listArtifacts',
    tag: 'Tasks',
    summary: 'List the files that a task made',
    parameters: [id('task')],
    answers: [
      {
        status: 200,
        about: 'Objects that its output refers to; none when it has no output.',
        schema: fields({
          artifacts: {
            type: 'array',
            items: {
              allOf: [
                ref('Artifact'),
                fields({ href: { type: 'string', description: 'Where to fetch it.' } }),
              ],
            },
          },
        }),
      },
    ],
    errors: ['TASK_NOT_FOUND', 'TASK_NOT_FINISHED', 'BLOB_NOT_FOUND'],
  },
  {
    method: 'GET',
    path: '/v1/tasks/{id}/events',
    operation: 'watchTask',
    tag: 'Tasks',
    summary: 'Watch a task: a snapshot, every event, the result',
    parameters: [id('task'), header('Last-Event-ID', 'What was seen last: it goes on from there.')],
    answers: [
      { status: 200, about: 'Server-sent events: snapshot, event, end, problem.', type: 'text/event-stream' },
    ],
    errors: ['TASK_NOT_FOUND'],
  },
  {
    method: 'POST',
    path: '/v1/tasks/{id}/cancel',
    operation: 'cancelTask',
    tag: 'Tasks',
    summary: 'Ask for the end of a task',
    parameters: [id('task')],
    body: {
      schema: fields({ reason: { type: 'string', maxLength: 1000 } }),
      isOptional: true,
      example: { reason: 'no longer wanted' },
    },
    answers: [{ status: 202, about: 'It will end.', schema: ACCEPTED }],
    errors: ['TASK_NOT_FOUND', 'TASK_ALREADY_FINISHED'],
  },
]
