import {
  listTaskTypePausesRequestSchema,
  listTaskTypePausesResponseSchema,
  pausedTaskTypeExample,
  setTaskTypePauseRequestSchema,
  setTaskTypePauseResponseSchema,
  taskTypePauseExample,
} from '#schemas/task-type.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { fields, list, named, ref } from './rest-route.ts'

const REQUEST_BYTES = 16 * 1024

/** Pauses of types of tasks. For operators: a type is that of all tenants. */
export const TASK_TYPE_OPERATIONS = {
  setTaskTypePause: onNats({
    summary: 'Pauses tasks of a type or of a template, or lets them go on. For operators.',
    subject: 'murmur.task-types.set-pause',
    service: ORCHESTRATOR,
    maxRequestBytes: REQUEST_BYTES,
    request: message('SetTaskTypePause', setTaskTypePauseRequestSchema, {
      name: 'report',
      paused: true,
      reason: 'the warehouse is moved',
    }),
    response: message('TaskTypePauseSet', setTaskTypePauseResponseSchema, { pause: taskTypePauseExample }),
    scope: 'policies:write',
    isChange: true,
    errors: ['LIMIT_EXCEEDED'],
    grpc: ['SystemService.SetTaskTypePause'],
    rest: [
      {
        method: 'POST',
        path: '/v1/task-types/{name}/pause',
        tag: 'System',
        summary: 'Pause tasks of a type or of a template, or let them go on',
        parameters: [named('name', 'The type, or the template.')],
        body: {
          schema: ref('SetTaskTypePause'),
          example: { paused: true, reason: 'the warehouse is moved' },
        },
        answers: [{ status: 200, about: 'It holds.', schema: fields({ pause: ref('TaskTypePause') }) }],
      },
    ],
  }),
  listTaskTypePauses: onNats({
    summary: 'Types of tasks and templates that are paused. For operators.',
    subject: 'murmur.task-types.pauses',
    isRepeatable: true,
    service: ORCHESTRATOR,
    maxRequestBytes: REQUEST_BYTES,
    request: message('ListTaskTypePauses', listTaskTypePausesRequestSchema, {}),
    response: message('TaskTypePauses', listTaskTypePausesResponseSchema, {
      paused: [pausedTaskTypeExample],
    }),
    scope: 'policies:read',
    grpc: ['SystemService.ListTaskTypePauses'],
    rest: [
      {
        method: 'GET',
        path: '/v1/task-types/paused',
        tag: 'System',
        summary: 'Types of tasks and templates that are paused, and what waits',
        answers: [
          { status: 200, about: 'By name.', schema: fields({ paused: list(ref('PausedTaskType')) }) },
        ],
      },
    ],
  }),
} as const
