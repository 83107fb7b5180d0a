import { z } from 'zod'
import { listQueueLoadsResponseSchema, queueLoadExample } from '#schemas/queue-load.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { fields, list, ref } from './rest-route.ts'

/** What waits for agents, by tenant. For operators: it names all tenants. */
export const QUEUE_LOAD_OPERATIONS = {
  listQueueLoads: onNats({
    summary: 'What waits for each agent type, for how long, and whose it is. For operators.',
    subject: 'murmur.queues.loads',
    isRepeatable: true,
    service: ORCHESTRATOR,
    maxRequestBytes: 1024,
    request: message('ListQueueLoads', z.strictObject({}), {}),
    response: message('QueueLoads', listQueueLoadsResponseSchema, {
      atMs: 1_790_000_060_000,
      queues: [queueLoadExample],
    }),
    scope: 'policies:read',
    grpc: ['SystemService.ListQueueLoads'],
    rest: [
      {
        method: 'GET',
        path: '/v1/queues',
        tag: 'System',
        summary: 'What waits for each agent type, for how long, and whose it is',
        answers: [
          {
            status: 200,
            about: 'By agent type.',
            schema: fields({ atMs: { type: 'number' }, queues: list(ref('QueueLoad')) }),
          },
        ],
      },
    ],
  }),
} as const
