import {
  getPartitionsRequestSchema,
  growPartitionsRequestSchema,
  partitionsViewExample,
  partitionsViewSchema,
} from '#schemas/partition-epochs.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { ref } from './rest-route.ts'

const REQUEST_BYTES = 16 * 1024

/** Partitions of the log. For operators: they are those of all tenants. */
export const PARTITION_OPERATIONS = {
  getPartitions: onNats({
    summary: 'Partitions of the log: where new tasks go, and which end. For operators.',
    subject: 'murmur.partitions.get',
    isRepeatable: true,
    service: ORCHESTRATOR,
    maxRequestBytes: REQUEST_BYTES,
    request: message('GetPartitions', getPartitionsRequestSchema, {}),
    response: message('Partitions', partitionsViewSchema, partitionsViewExample),
    scope: 'policies:read',
    grpc: ['SystemService.GetPartitions'],
    rest: [
      {
        method: 'GET',
        path: '/v1/partitions',
        tag: 'System',
        summary: 'Partitions of the log: where new tasks go, and which end',
        answers: [{ status: 200, about: 'As they are now.', schema: ref('Partitions') }],
      },
    ],
  }),
  growPartitions: onNats({
    summary:
      'Spreads new tasks over more partitions; those that there are end where they are. For operators.',
    subject: 'murmur.partitions.grow',
    service: ORCHESTRATOR,
    maxRequestBytes: REQUEST_BYTES,
    request: message('GrowPartitions', growPartitionsRequestSchema, { to: 32 }),
    response: message('Partitions', partitionsViewSchema, partitionsViewExample),
    scope: 'policies:write',
    isChange: true,
    errors: ['PARTITIONS_CONFLICT', 'LIMIT_EXCEEDED'],
    grpc: ['SystemService.GrowPartitions'],
    rest: [
      {
        method: 'POST',
        path: '/v1/partitions/grow',
        tag: 'System',
        summary: 'Spread new tasks over more partitions',
        body: { schema: ref('GrowPartitions'), example: { to: 32 } },
        answers: [
          {
            status: 200,
            about: 'It is stored. New tasks go to the new ones from `fromMs` on.',
            schema: ref('Partitions'),
          },
        ],
      },
    ],
  }),
} as const
