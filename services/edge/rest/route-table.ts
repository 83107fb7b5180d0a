import type { ErrorCode } from '#schemas/problem.ts'
import type { OperationName } from '../operations.ts'
import type { ApiSchemaName } from './api-schemas.ts'

export interface RouteParameter {
  name: string
  in: 'path' | 'query' | 'header'
  about: string
  /** JSON Schema; a string unless given. */
  schema?: Record<string, unknown>
  isRequired?: boolean
  example?: string
}

/** A JSON Schema, where it holds one of the named ones by reference. */
export type BodySchema = { ref: ApiSchemaName } | { [field: string]: unknown }

/** One route as the document tells it. */
export interface RouteEntry {
  method: 'GET' | 'POST'
  /** With `{id}`; a `{key}` at the end may hold slashes. */
  path: string
  operation: OperationName
  tag: 'Tasks' | 'Plans' | 'Monitors' | 'Objects' | 'Alerts' | 'System'
  summary: string
  parameters?: readonly RouteParameter[]
  body?: { schema?: BodySchema; type?: string; isOptional?: boolean; example?: unknown }
  answers: readonly { status: number; about: string; schema?: BodySchema; type?: string }[]
  /** Beside those that every route has. */
  errors?: readonly ErrorCode[]
}

const ref = (name: ApiSchemaName): BodySchema => ({ ref: name })
const fields = (properties: Record<string, unknown>): BodySchema => ({ type: 'object', properties })
const id = (what: string): RouteParameter => ({
  name: 'id',
  in: 'path',
  about: `The ${what}.`,
  isRequired: true,
})
const query = (name: string, about: string, schema?: Record<string, unknown>): RouteParameter => ({
  name,
  in: 'query',
  about,
  ...(schema && { schema }),
})
const header = (name: string, about: string): RouteParameter => ({ name, in: 'header', about })
const SEVERITY = { enum: ['critical', 'high', 'medium', 'low'] }
const ACCEPTED = fields({ taskId: { type: 'string' }, accepted: { const: true } })
const SUBMISSION_EXAMPLE = {
  type: 'plan',
  plan: {
    steps: [{ id: 'read', agent: 'ingest', input: { name: 'notes.md', text: '# May\nSales rose by 4 %.' } }],
  },
}
const SUBMIT_ERRORS: readonly ErrorCode[] = [
  'MALFORMED_JSON',
  'JSON_TOO_DEEP',
  'PAYLOAD_TOO_LARGE',
  'INVALID_SUBMISSION',
  'UNKNOWN_TASK_TYPE',
  'UNKNOWN_AGENT',
  'PLAN_CYCLE',
  'PLAN_BAD_REFERENCE',
]

/** Every route of REST: what the document says is held against what is served by a test. */
export const ROUTES: readonly RouteEntry[] = [
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
    parameters: [
      query('status', 'Only these.', { enum: ['scheduled', 'running', 'completed', 'failed', 'cancelled'] }),
      query('type', 'Only these.'),
      query('label', 'name:value; several have all to be there.', {
        type: 'array',
        items: { type: 'string' },
      }),
      query('createdFrom', 'RFC 3339 or Unix milliseconds.'),
      query('createdBefore', 'RFC 3339 or Unix milliseconds.'),
      query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
      query('cursor', 'nextCursor of the last page.'),
    ],
    answers: [
      {
        status: 200,
        about: 'One page.',
        schema: fields({
          tasks: { type: 'array', items: ref('TaskSummary') },
          nextCursor: { type: 'string' },
        }),
      },
    ],
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
  {
    method: 'POST',
    path: '/v1/plans',
    operation: 'checkPlan',
    tag: 'Plans',
    summary: 'What a submission would do; nothing is run',
    body: { schema: ref('Submission'), example: SUBMISSION_EXAMPLE },
    answers: [{ status: 200, about: 'Its steps, and which run at the same time.', schema: ref('PlanCheck') }],
    errors: SUBMIT_ERRORS,
  },
  {
    method: 'POST',
    path: '/v1/monitors/{id}/stop',
    operation: 'stopMonitor',
    tag: 'Monitors',
    summary: 'End a monitor in order: its summary is made',
    parameters: [id("monitor's task")],
    answers: [{ status: 202, about: 'It will end.', schema: ACCEPTED }],
    errors: ['TASK_NOT_FOUND'],
  },
  {
    method: 'POST',
    path: '/v1/objects',
    operation: 'putObject',
    tag: 'Objects',
    summary: 'Upload what is too big for a submission, up to 256 MiB',
    parameters: [query('name', 'File name, for people.')],
    body: { type: '*/*', schema: { type: 'string', format: 'binary' } },
    answers: [{ status: 201, about: 'It is kept for 7 days.', schema: fields({ object: ref('BlobRef') }) }],
    errors: ['PAYLOAD_TOO_LARGE'],
  },
  {
    method: 'GET',
    path: '/v1/objects/{key}',
    operation: 'getObject',
    tag: 'Objects',
    summary: 'Fetch an upload, or what a task made',
    parameters: [
      { name: 'key', in: 'path', about: 'Its key, with slashes as they are.', isRequired: true },
      header('If-None-Match', 'ETag of what you have.'),
    ],
    answers: [
      {
        status: 200,
        about: 'Its bytes, with its own media type.',
        type: 'application/octet-stream',
        schema: { type: 'string', format: 'binary' },
      },
      { status: 304, about: 'You have it.' },
    ],
    errors: ['BLOB_NOT_FOUND'],
  },
  {
    method: 'GET',
    path: '/v1/alerts',
    operation: 'listAlerts',
    tag: 'Alerts',
    summary: 'List alerts, newest first',
    parameters: [
      query('severity', 'Only these.', SEVERITY),
      query('status', 'Only these.', { enum: ['open', 'acknowledged', 'resolved'] }),
      query('camera', 'Only of this one.'),
      query('monitor', 'Only of this task.'),
      query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
    ],
    answers: [
      { status: 200, about: 'Alerts.', schema: fields({ alerts: { type: 'array', items: ref('Alert') } }) },
    ],
  },
  {
    method: 'GET',
    path: '/v1/alerts/events',
    operation: 'watchAlerts',
    tag: 'Alerts',
    summary: 'Watch alerts as they are raised and changed',
    parameters: [
      query('severity', 'Only these.', SEVERITY),
      query('camera', 'Only of this one.'),
      query('monitor', 'Only of this task.'),
      header('Last-Event-ID', 'What was seen last: it goes on from there.'),
    ],
    answers: [
      { status: 200, about: 'Server-sent events: alert, change, problem.', type: 'text/event-stream' },
    ],
  },
  ...(['acknowledge', 'resolve'] as const).map(
    (verb): RouteEntry => ({
      method: 'POST',
      path: `/v1/alerts/{id}/${verb}`,
      operation: 'changeAlert',
      tag: 'Alerts',
      summary: verb === 'acknowledge' ? 'Say that somebody takes care of it' : 'Say that it is over',
      parameters: [id('alert')],
      body: {
        schema: fields({ by: { type: 'string', maxLength: 256 }, note: { type: 'string', maxLength: 1000 } }),
        isOptional: true,
      },
      answers: [{ status: 200, about: 'As it is now.', schema: fields({ alert: ref('Alert') }) }],
      errors: ['ALERT_NOT_FOUND', 'ALERT_STATE_CONFLICT'],
    }),
  ),
  {
    method: 'GET',
    path: '/v1/agents',
    operation: 'listAgents',
    tag: 'System',
    summary: 'Agents that were heard of in the last minute',
    answers: [
      { status: 200, about: 'Agents.', schema: fields({ agents: { type: 'array', items: ref('Agent') } }) },
    ],
  },
  {
    method: 'GET',
    path: '/v1/status',
    operation: 'getStatus',
    tag: 'System',
    summary: 'Queues, agents and service levels',
    answers: [{ status: 200, about: 'The whole system.', schema: ref('SystemStatus') }],
  },
]
