import { monitorRequestExample } from '#schemas/monitor-request.ts'
import { ACCEPTED, fields, header, id, query, type RouteEntry, ref, SEVERITY } from './route-entry.ts'
import { SUBMIT_ERRORS, TASK_FILTERS, TASK_PAGE } from './task-entries.ts'

/** `/v1/monitors` */
export const MONITOR_ENTRIES: readonly RouteEntry[] = [
  {
    method: 'POST',
    path: '/v1/monitors',
    operation: 'startMonitor',
    tag: 'Monitors',
    summary: 'Watch a video: a task of type monitor, said shorter',
    parameters: [header('Idempotency-Key', 'The same request again gives the same task.')],
    body: { schema: ref('MonitorRequest'), example: monitorRequestExample },
    answers: [{ status: 202, about: 'The task exists, durably.', schema: ref('SubmissionReceipt') }],
    errors: [...SUBMIT_ERRORS, 'IDEMPOTENCY_CONFLICT', 'OVERLOADED'],
  },
  {
    method: 'GET',
    path: '/v1/monitors',
    operation: 'listMonitors',
    tag: 'Monitors',
    summary: 'List monitors, newest first, page by page',
    parameters: TASK_FILTERS,
    answers: [TASK_PAGE],
  },
  {
    method: 'GET',
    path: '/v1/monitors/{id}/events',
    operation: 'watchMonitor',
    tag: 'Monitors',
    summary: 'Watch what a monitor sees, live',
    description:
      'The newest objects of each analysed frame and, every second, how the camera is. For live views: who is slow misses what was in between. Its alerts are under `/v1/alerts/events`.',
    parameters: [id("monitor's task")],
    answers: [
      { status: 200, about: 'Server-sent events: tracks, state, end, problem.', type: 'text/event-stream' },
    ],
    errors: ['TASK_NOT_FOUND'],
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
]

/** `/v1/alerts` */
export const ALERT_ENTRIES: readonly RouteEntry[] = [
  {
    method: 'GET',
    path: '/v1/alerts',
    operation: 'listAlerts',
    tag: 'Alerts',
    summary: 'List alerts, newest first, page by page',
    parameters: [
      query('severity', 'Only these.', SEVERITY),
      query('status', 'Only these.', { enum: ['open', 'acknowledged', 'resolved'] }),
      query('camera', 'Only of this one.'),
      query('monitor', 'Only of this task.'),
      query('since', 'Raised then or later: RFC 3339 or Unix milliseconds.'),
      query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
      query('cursor', 'nextCursor of the last page.'),
    ],
    answers: [
      {
        status: 200,
        about: 'One page.',
        schema: fields({ alerts: { type: 'array', items: ref('Alert') }, nextCursor: { type: 'string' } }),
      },
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
  {
    method: 'GET',
    path: '/v1/alerts/{id}',
    operation: 'getAlert',
    tag: 'Alerts',
    summary: 'Get an alert',
    parameters: [id('alert')],
    answers: [{ status: 200, about: 'As it is now.', schema: fields({ alert: ref('Alert') }) }],
    errors: ['ALERT_NOT_FOUND'],
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
]
