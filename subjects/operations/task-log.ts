import {
  getTaskLogRequestSchema,
  getTaskLogResponseSchema,
  MAX_LOG_PAGE,
  taskLogEventExample,
} from '#schemas/task-log.ts'
import { TASK_ID } from './examples.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, type Operation, onNats } from './operation.ts'
import { events, fields, header, id, list, query, ref } from './rest-route.ts'

/** What happened to tasks, and what happens to all of them. */
export const TASK_LOG_OPERATIONS = {
  getTaskLog: onNats({
    summary: 'What happened to a task, as the log has it, oldest first, page by page.',
    subject: 'murmur.tasks.log',
    isRepeatable: true,
    service: ORCHESTRATOR,
    per: 'tenant',
    request: message('GetTaskLog', getTaskLogRequestSchema, { taskId: TASK_ID, limit: 100 }),
    response: message('TaskLog', getTaskLogResponseSchema, { events: [taskLogEventExample], isWhole: true }),
    scope: 'tasks:read',
    errors: ['TASK_NOT_FOUND', 'OVERLOADED'],
    rest: [
      {
        method: 'GET',
        path: '/v1/tasks/{id}/log',
        tag: 'Tasks',
        summary: 'What happened to a task, as the log has it',
        parameters: [
          id('task'),
          query('afterSeq', 'nextSeq of the last page.', { type: 'integer', minimum: 0 }),
          query('limit', 'At most so many.', {
            type: 'integer',
            minimum: 1,
            maximum: MAX_LOG_PAGE,
            default: MAX_LOG_PAGE,
          }),
        ],
        answers: [
          {
            status: 200,
            about: 'One page, oldest first.',
            schema: fields({
              events: list(ref('TaskLogEvent')),
              nextSeq: { type: 'integer' },
              isWhole: { type: 'boolean' },
            }),
          },
        ],
      },
    ],
  }),
  watchTasks: {
    summary: 'Watch all tasks of the tenant: those that are new and those that change',
    scope: 'tasks:read',
    rest: [
      {
        method: 'GET',
        path: '/v1/tasks/events',
        tag: 'Tasks',
        parameters: [header('Last-Event-ID', 'What was seen last: it goes on from there.')],
        answers: [events('Server-sent events: tasks, reset (read the list anew), problem.')],
      },
    ],
  } satisfies Operation,
} as const
