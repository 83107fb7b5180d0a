import {
  deleteScheduleResponseSchema,
  getScheduleResponseSchema,
  listSchedulesRequestSchema,
  listSchedulesResponseSchema,
  namedScheduleRequestSchema,
  pauseScheduleRequestSchema,
  previewScheduleRequestSchema,
  previewScheduleResponseSchema,
  putScheduleExample,
  putScheduleRequestSchema,
  putScheduleResponseSchema,
  scheduleExample,
  triggerScheduleRequestSchema,
} from '#schemas/schedule.ts'
import { submissionReceiptSchema } from '#schemas/submission.ts'
import { TASK_ID } from './examples.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { fields, list, NOTHING, named, query, type RestAnswer, ref, TOKEN } from './rest-route.ts'

const SCHEDULE = scheduleExample
const { name: NAME } = SCHEDULE
const { submission, running: _running, ...SUMMARY } = SCHEDULE
const NAMED = [named('name', 'The name of the schedule.')]
const ONE: RestAnswer = {
  status: 200,
  about: 'The schedule as it is now.',
  schema: fields({ schedule: ref('Schedule') }),
}
const PREVIEW = { cron: '30 2 * * *', timezone: 'Europe/Berlin', count: 3 }

/** Tasks at times of their own. Each tenant has its own schedules. */
export const SCHEDULE_OPERATIONS = {
  putSchedule: onNats({
    summary: 'Makes a schedule, or changes all of its definition.',
    subject: 'murmur.schedules.put',
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('PutSchedule', putScheduleRequestSchema, putScheduleExample),
    response: message('StoredSchedule', putScheduleResponseSchema, { schedule: SCHEDULE, created: true }),
    scope: 'tasks:write',
    isChange: true,
    errors: [
      'INVALID_SCHEDULE',
      'INVALID_SUBMISSION',
      'UNKNOWN_TASK_TYPE',
      'UNKNOWN_AGENT',
      'PAYLOAD_TOO_LARGE',
      'LIMIT_EXCEEDED',
      'OVERLOADED',
    ],
    grpc: ['ScheduleService.PutSchedule'],
    rest: [
      {
        method: 'POST',
        path: '/v1/schedules',
        tag: 'Schedules',
        summary: 'Make a schedule, or change all of its definition',
        body: { schema: ref('PutSchedule'), example: putScheduleExample },
        answers: [
          {
            status: 200,
            about: 'It is stored.',
            schema: fields({ schedule: ref('Schedule'), created: { type: 'boolean' } }),
          },
        ],
      },
    ],
  }),
  getSchedule: onNats({
    summary: 'One schedule, with its next runs and what runs of it now.',
    subject: 'murmur.schedules.get',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('GetSchedule', namedScheduleRequestSchema, { name: NAME }),
    response: message('Schedule', getScheduleResponseSchema, { schedule: SCHEDULE }),
    scope: 'tasks:read',
    errors: ['SCHEDULE_NOT_FOUND'],
    grpc: ['ScheduleService.GetSchedule'],
    rest: [
      {
        method: 'GET',
        path: '/v1/schedules/{name}',
        tag: 'Schedules',
        summary: 'Get a schedule, with its next runs and what runs of it now',
        parameters: NAMED,
        answers: [ONE],
      },
    ],
  }),
  listSchedules: onNats({
    summary: 'Schedules by name, without what they submit.',
    subject: 'murmur.schedules.list',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('ListSchedules', listSchedulesRequestSchema, { limit: 50 }),
    response: message('Schedules', listSchedulesResponseSchema, {
      schedules: [{ ...SUMMARY, type: submission.type }],
    }),
    scope: 'tasks:read',
    grpc: ['ScheduleService.ListSchedules'],
    rest: [
      {
        method: 'GET',
        path: '/v1/schedules',
        tag: 'Schedules',
        summary: 'List schedules by name, page by page',
        parameters: [
          query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 200, default: 50 }),
          query('cursor', 'nextCursor of the last page.', TOKEN),
        ],
        answers: [
          {
            status: 200,
            about: 'One page.',
            schema: fields({ schedules: list(ref('ScheduleSummary')), nextCursor: { type: 'string' } }),
          },
        ],
      },
    ],
  }),
  deleteSchedule: onNats({
    summary: 'Deletes a schedule; its tasks go on.',
    subject: 'murmur.schedules.delete',
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('DeleteSchedule', namedScheduleRequestSchema, { name: NAME }),
    response: message('DeletedSchedule', deleteScheduleResponseSchema, { name: NAME, deleted: true }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['SCHEDULE_NOT_FOUND'],
    grpc: ['ScheduleService.DeleteSchedule'],
    rest: [
      {
        method: 'POST',
        path: '/v1/schedules/{name}/delete',
        tag: 'Schedules',
        summary: 'Delete a schedule; its tasks go on',
        parameters: NAMED,
        body: { schema: NOTHING, isOptional: true, example: {} },
        answers: [
          {
            status: 200,
            about: 'It is gone.',
            schema: fields({ name: { type: 'string' }, deleted: { const: true } }),
          },
        ],
      },
    ],
  }),
  pauseSchedule: onNats({
    summary: 'Nothing is started by a schedule until it is resumed.',
    subject: 'murmur.schedules.pause',
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('PauseSchedule', pauseScheduleRequestSchema, { name: NAME, reason: 'moving the data' }),
    response: message('PausedSchedule', getScheduleResponseSchema, {
      schedule: {
        ...SCHEDULE,
        paused: { atMs: SCHEDULE.updatedAtMs, reason: 'moving the data' },
        nextRuns: [],
      },
    }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['SCHEDULE_NOT_FOUND'],
    grpc: ['ScheduleService.PauseSchedule'],
    rest: [
      {
        method: 'POST',
        path: '/v1/schedules/{name}/pause',
        tag: 'Schedules',
        summary: 'Pause a schedule',
        parameters: NAMED,
        body: {
          schema: ref('PauseSchedule'),
          isOptional: true,
          example: { reason: 'moving the data' },
        },
        answers: [ONE],
      },
    ],
  }),
  resumeSchedule: onNats({
    summary: 'A schedule goes on with the runs that come from now on.',
    subject: 'murmur.schedules.resume',
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('ResumeSchedule', namedScheduleRequestSchema, { name: NAME }),
    response: message('ResumedSchedule', getScheduleResponseSchema, { schedule: SCHEDULE }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['SCHEDULE_NOT_FOUND'],
    grpc: ['ScheduleService.ResumeSchedule'],
    rest: [
      {
        method: 'POST',
        path: '/v1/schedules/{name}/resume',
        tag: 'Schedules',
        summary: 'Resume a schedule with the runs that come from now on',
        parameters: NAMED,
        body: { schema: NOTHING, isOptional: true, example: {} },
        answers: [ONE],
      },
    ],
  }),
  triggerSchedule: onNats({
    summary: 'Runs a schedule now, beside its times, also while it is paused or something of it runs.',
    subject: 'murmur.schedules.trigger',
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('TriggerSchedule', triggerScheduleRequestSchema, { name: NAME, requestId: 'by-hand-1' }),
    response: message('TriggeredSchedule', submissionReceiptSchema, { taskId: TASK_ID, duplicate: false }),
    scope: 'tasks:write',
    isChange: true,
    errors: ['SCHEDULE_NOT_FOUND', 'UNKNOWN_AGENT', 'QUOTA_EXCEEDED', 'OVERLOADED'],
    grpc: ['ScheduleService.TriggerSchedule'],
    rest: [
      {
        method: 'POST',
        path: '/v1/schedules/{name}/trigger',
        tag: 'Schedules',
        summary: 'Run a schedule now, beside its times',
        parameters: NAMED,
        body: {
          schema: ref('TriggerSchedule'),
          isOptional: true,
          example: { requestId: 'by-hand-1' },
        },
        answers: [{ status: 200, about: 'Its task.', schema: ref('SubmissionReceipt') }],
      },
    ],
  }),
  previewSchedule: onNats({
    summary: 'When a cron would run in a time zone; nothing is stored.',
    subject: 'murmur.schedules.preview',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    maxRequestBytes: 4096,
    request: message('PreviewSchedule', previewScheduleRequestSchema, PREVIEW),
    response: message('SchedulePreview', previewScheduleResponseSchema, { nextRuns: SCHEDULE.nextRuns }),
    scope: 'tasks:read',
    errors: ['INVALID_SCHEDULE'],
    grpc: ['ScheduleService.PreviewSchedule'],
    rest: [
      {
        method: 'POST',
        path: '/v1/schedules/preview',
        tag: 'Schedules',
        summary: 'When a cron would run in a time zone; nothing is stored',
        body: { schema: ref('PreviewSchedule'), example: PREVIEW },
        answers: [
          { status: 200, about: 'The next runs.', schema: fields({ nextRuns: list(ref('Occurrence')) }) },
        ],
      },
    ],
  }),
} as const
