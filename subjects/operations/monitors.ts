import {
  changeAlertRequestSchema,
  changeAlertResponseSchema,
  getAlertRequestSchema,
  getAlertResponseSchema,
  listAlertsRequestSchema,
  listAlertsResponseSchema,
} from '#schemas/alert.ts'
import {
  CAMERA_VIEW_STATUSES,
  cameraViewExample,
  listCamerasRequestSchema,
  listCamerasResponseSchema,
} from '#schemas/camera-view.ts'
import { monitorRequestExample } from '#schemas/monitor-request.ts'
import { ALERT } from './examples.ts'
import { ALERTING, ORCHESTRATOR } from './micro-services.ts'
import { message, type Operation, onNats } from './operation.ts'
import {
  ACCEPTED,
  CURSOR,
  events,
  fields,
  header,
  IDEMPOTENCY_KEY,
  id,
  list,
  MOMENT,
  query,
  type RestRoute,
  ref,
  TASK_FILTERS,
  TASK_PAGE,
  TOKEN,
} from './rest-route.ts'
import { SUBMIT_ERRORS } from './tasks.ts'

const CAMERA = { type: 'string', maxLength: 64 }
const ALERT_ID = { ...id('alert'), schema: { type: 'string', minLength: 1, maxLength: 128 } }
const SEVERITY = { enum: ['critical', 'high', 'medium', 'low'] }

const CAMERA_FILTERS = [
  query('status', 'Only these.', { enum: CAMERA_VIEW_STATUSES }),
  query('camera', 'Only this one.', TOKEN),
]

/** A monitor is a task of type `monitor`: an edge says it shorter, and NATS has no words of its own for it. */
export const MONITOR_OPERATIONS = {
  startMonitor: {
    summary: 'Watch a video: a task of type monitor, said shorter',
    scope: 'tasks:write',
    isChange: true,
    errors: [...SUBMIT_ERRORS, 'IDEMPOTENCY_CONFLICT', 'OVERLOADED'],
    rest: [
      {
        method: 'POST',
        path: '/v1/monitors',
        tag: 'Monitors',
        parameters: [IDEMPOTENCY_KEY],
        body: { schema: ref('MonitorRequest'), example: monitorRequestExample },
        answers: [{ status: 202, about: 'The task exists, durably.', schema: ref('SubmissionReceipt') }],
      },
    ],
  },
  listMonitors: {
    summary: 'List monitors, newest first, page by page',
    scope: 'tasks:read',
    rest: [
      {
        method: 'GET',
        path: '/v1/monitors',
        tag: 'Monitors',
        parameters: TASK_FILTERS,
        answers: [TASK_PAGE],
      },
    ],
  },
  watchMonitor: {
    summary: 'Watch what a monitor sees, live',
    scope: 'tasks:read',
    errors: ['TASK_NOT_FOUND'],
    rest: [
      {
        method: 'GET',
        path: '/v1/monitors/{id}/events',
        tag: 'Monitors',
        description:
          'The newest objects of each analysed frame and, every second, how the camera is. For live views: who is slow misses what was in between. Its alerts are under `/v1/alerts/events`.',
        parameters: [id("monitor's task")],
        answers: [events('Server-sent events: tracks, state, end, problem.')],
      },
    ],
  },
  watchMonitors: {
    summary: 'Watch what many monitors see, live, in one stream',
    scope: 'tasks:read',
    rest: [
      {
        method: 'GET',
        path: '/v1/monitors/events',
        tag: 'Monitors',
        description:
          'For a wall of cameras: what `/v1/monitors/{id}/events` tells of one, ten times a second of each at most. Every event names its monitor. It goes on over the end of monitors, and tells of new ones.',
        parameters: [query('monitor', 'Only of these; all unless given.', { ...list(TOKEN), maxItems: 200 })],
        answers: [events('Server-sent events: tracks, state, problem.')],
      },
    ],
  },
  getMonitorFrame: {
    summary: 'The newest picture of a monitored camera, as JPEG',
    scope: 'tasks:read',
    errors: ['TASK_NOT_FOUND', 'TASK_ALREADY_FINISHED', 'TASK_STATE_CONFLICT', 'OVERLOADED'],
    rest: [
      {
        method: 'GET',
        path: '/v1/monitors/{id}/frame',
        tag: 'Monitors',
        description:
          'With a grid of tenths to read coordinates off, and with its zones and lines. Coordinates are shares of the picture: 0,0 is its top left, 1,1 its bottom right.',
        parameters: [
          id("monitor's task"),
          query('grid', 'Draws lines at each tenth, with their numbers.', {
            type: 'boolean',
            default: false,
          }),
          query('zones', 'Draws its zones and lines.', { type: 'boolean', default: true }),
          query('epoch', 'With `seq`: of a frame that was looked at, as its `tracks` say.', {
            type: 'number',
          }),
          query('seq', 'Its frame, with nothing drawn into it, while it is kept: some seconds.', {
            type: 'integer',
          }),
        ],
        answers: [
          {
            status: 200,
            about:
              'The picture. `X-Frame: EPOCH/SEQ` says which one, where a frame was asked for and is kept; it may be one that somebody was given just before.',
            type: 'image/jpeg',
            schema: { type: 'string', format: 'binary' },
          },
        ],
      },
    ],
  },
  listCameras: onNats({
    summary:
      'Every camera that is to be watched: how it is and why, rate, lag, losses, streams, decoding, model.',
    subject: 'murmur.cameras.list',
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('ListCameras', listCamerasRequestSchema, { status: 'blind' }),
    response: message('Cameras', listCamerasResponseSchema, { cameras: [cameraViewExample], total: 1 }),
    scope: 'tasks:read',
    grpc: ['CameraService.ListCameras'],
    rest: [
      {
        method: 'GET',
        path: '/v1/cameras',
        tag: 'Monitors',
        summary: 'List cameras: how each is and why, rate, lag, losses, streams, decoding, model',
        parameters: CAMERA_FILTERS,
        answers: [{ status: 200, about: 'By name.', schema: ref('Cameras') }],
      },
    ],
  }),
  watchCameras: {
    summary: 'Watch how cameras are, live',
    scope: 'tasks:read',
    grpc: ['CameraService.WatchCameras'],
    rest: [
      {
        method: 'GET',
        path: '/v1/cameras/events',
        tag: 'Monitors',
        description:
          'First each camera, then each that has changed, at most once a second; `gone` when nobody is to watch it any more.',
        parameters: CAMERA_FILTERS,
        answers: [events('Server-sent events: camera, gone, problem.')],
      },
    ],
  } satisfies Operation,
  stopMonitor: {
    summary: 'End a monitor in order: its summary is made',
    scope: 'tasks:write',
    isChange: true,
    errors: ['TASK_NOT_FOUND', 'TASK_ALREADY_FINISHED', 'TASK_STATE_CONFLICT'],
    grpc: ['TaskService.StopMonitor'],
    rest: [
      {
        method: 'POST',
        path: '/v1/monitors/{id}/stop',
        tag: 'Monitors',
        parameters: [id("monitor's task")],
        answers: [{ status: 202, about: 'It will end.', schema: ACCEPTED }],
      },
    ],
  },
} as const

export const ALERT_OPERATIONS = {
  listAlerts: onNats({
    summary: 'Alerts, newest first, page by page.',
    subject: 'murmur.alerts.list',
    isRepeatable: true,
    service: ALERTING,
    per: 'tenant',
    request: message('ListAlerts', listAlertsRequestSchema, {
      status: 'open',
      severity: 'critical',
      limit: 20,
    }),
    response: message('Alerts', listAlertsResponseSchema, { alerts: [ALERT] }),
    scope: 'alerts:read',
    grpc: ['AlertService.ListAlerts'],
    rest: [
      {
        method: 'GET',
        path: '/v1/alerts',
        tag: 'Alerts',
        summary: 'List alerts, newest first, page by page',
        parameters: [
          query('severity', 'Only these.', SEVERITY),
          query('status', 'Only these.', { enum: ['open', 'acknowledged', 'resolved'] }),
          query('camera', 'Only of this one.', CAMERA),
          query('monitor', 'Only of this task.', TOKEN),
          query('since', 'Raised then or later: RFC 3339 or Unix milliseconds.', MOMENT),
          query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 500, default: 50 }),
          query('cursor', 'nextCursor of the last page.', CURSOR),
        ],
        answers: [
          {
            status: 200,
            about: 'One page.',
            schema: fields({ alerts: list(ref('Alert')), nextCursor: { type: 'string' } }),
          },
        ],
      },
    ],
  }),
  watchAlerts: {
    summary: 'Watch alerts as they are raised and changed',
    scope: 'alerts:read',
    grpc: ['AlertService.WatchAlerts'],
    rest: [
      {
        method: 'GET',
        path: '/v1/alerts/events',
        tag: 'Alerts',
        parameters: [
          query('severity', 'Only these.', SEVERITY),
          query('camera', 'Only of this one.', CAMERA),
          query('monitor', 'Only of this task.', TOKEN),
          header('Last-Event-ID', 'What was seen last: it goes on from there.'),
        ],
        answers: [events('Server-sent events: alert, change, problem.')],
      },
    ],
  } satisfies Operation,
  getAlert: onNats({
    summary: 'One alert.',
    subject: 'murmur.alerts.get',
    isRepeatable: true,
    service: ALERTING,
    per: 'tenant',
    request: message('GetAlert', getAlertRequestSchema, { id: ALERT.id }),
    response: message('Alert', getAlertResponseSchema, { alert: ALERT }),
    scope: 'alerts:read',
    errors: ['ALERT_NOT_FOUND'],
    grpc: ['AlertService.GetAlert'],
    rest: [
      {
        method: 'GET',
        path: '/v1/alerts/{id}',
        tag: 'Alerts',
        summary: 'Get an alert',
        parameters: [ALERT_ID],
        answers: [{ status: 200, about: 'As it is now.', schema: fields({ alert: ref('Alert') }) }],
      },
    ],
  }),
  changeAlert: onNats({
    summary: 'Somebody takes care of an alert, or it is over.',
    subject: 'murmur.alerts.change',
    service: ALERTING,
    per: 'tenant',
    request: message('ChangeAlert', changeAlertRequestSchema, {
      id: ALERT.id,
      status: 'acknowledged',
      by: 'anna',
    }),
    response: message('ChangedAlert', changeAlertResponseSchema, {
      alert: { ...ALERT, status: 'acknowledged' },
    }),
    scope: 'alerts:write',
    isChange: true,
    errors: ['ALERT_NOT_FOUND', 'ALERT_STATE_CONFLICT'],
    grpc: ['AlertService.AcknowledgeAlert', 'AlertService.ResolveAlert'],
    rest: [
      changeRoute('acknowledge', 'Say that somebody takes care of it'),
      changeRoute('resolve', 'Say that it is over'),
    ],
  }),
} as const

function changeRoute(verb: 'acknowledge' | 'resolve', summary: string): RestRoute {
  return {
    operationId: `${verb}Alert`,
    method: 'POST',
    path: `/v1/alerts/{id}/${verb}`,
    tag: 'Alerts',
    summary,
    parameters: [ALERT_ID],
    body: {
      schema: ref('ChangeAlert'),
      isOptional: true,
    },
    answers: [{ status: 200, about: 'As it is now.', schema: fields({ alert: ref('Alert') }) }],
  }
}
