import { ALERT_ENTRIES, MONITOR_ENTRIES } from './table/monitor-entries.ts'
import { fields, header, query, type RouteEntry, ref } from './table/route-entry.ts'
import { SUBMISSION_EXAMPLE, SUBMIT_ERRORS, TASK_ENTRIES } from './table/task-entries.ts'

const PLAN_ENTRIES: readonly RouteEntry[] = [
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
]

const OBJECT_ENTRIES: readonly RouteEntry[] = [
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
]

const SYSTEM_ENTRIES: readonly RouteEntry[] = [
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

/** Every route of REST: what the document says is held against what is served by a test. */
export const ROUTES: readonly RouteEntry[] = [
  ...TASK_ENTRIES,
  ...PLAN_ENTRIES,
  ...MONITOR_ENTRIES,
  ...OBJECT_ENTRIES,
  ...ALERT_ENTRIES,
  ...SYSTEM_ENTRIES,
]
