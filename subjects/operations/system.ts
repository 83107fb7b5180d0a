import { z } from 'zod'
import {
  agentRegisteredSchema,
  agentRegistrationSchema,
  listAgentsResponseSchema,
  provideQueueRequestExample,
  provideQueueRequestSchema,
} from '#schemas/agent.ts'
import {
  createKeyRequestSchema,
  createKeyResponseSchema,
  listKeysRequestSchema,
  listKeysResponseSchema,
  revokeKeyRequestSchema,
  revokeKeyResponseSchema,
  rotateKeyRequestSchema,
  rotateKeyResponseSchema,
} from '#schemas/api-key.ts'
import {
  detectorInfoExample,
  detectorInfoSchema,
  detectorModelsExample,
  detectorModelsSchema,
} from '#schemas/detection.ts'
import {
  releaseStepsRequestSchema,
  releaseStepsResponseSchema,
  startStepsRequestExample,
  startStepsRequestSchema,
  startStepsResponseExample,
  startStepsResponseSchema,
} from '#schemas/step-message.ts'
import { listStorageResponseSchema, storageLevelExample } from '#schemas/storage.ts'
import { listQueuesResponseSchema, systemStatusSchema } from '#schemas/system-status.ts'
import { HEARTBEAT, KEY, QUEUES, STATUS, TASK_ID } from './examples.ts'
import { DETECTION, EDGE, ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { fields, list, ref } from './rest-route.ts'

const SMALL_BYTES = 16 * 1024
const nothing = (name: string) => message(name, z.strictObject({}), {})

/** Who is there, and how everything does. */
export const SYSTEM_OPERATIONS = {
  listAgents: onNats({
    summary: 'Instances that live: heard of within the last five seconds.',
    subject: 'murmur.agents.list',
    isRepeatable: true,
    service: ORCHESTRATOR,
    request: nothing('ListAgents'),
    response: message('Agents', listAgentsResponseSchema, {
      agents: [{ ...HEARTBEAT, lastSeenMs: 1_790_000_060_000 }],
    }),
    scope: 'agents:read',
    grpc: ['SystemService.ListAgents'],
    rest: [
      {
        method: 'GET',
        path: '/v1/agents',
        tag: 'System',
        summary: 'Agents that live: heard of within the last five seconds',
        answers: [
          {
            status: 200,
            about: 'Agents.',
            schema: fields({ agents: list(ref('Agent')), drains: list(ref('DrainedInstance')) }),
          },
        ],
      },
    ],
  }),
  getStatus: onNats({
    summary: 'Queues, agents, and what the system gave over the last five minutes.',
    subject: 'murmur.system.status',
    isRepeatable: true,
    service: EDGE,
    request: nothing('GetStatus'),
    response: message('SystemStatus', systemStatusSchema, STATUS),
    scope: 'system:read',
    grpc: ['SystemService.GetStatus'],
    rest: [
      {
        method: 'GET',
        path: '/v1/status',
        tag: 'System',
        summary: 'Queues, agents and service levels',
        answers: [{ status: 200, about: 'The whole system.', schema: ref('SystemStatus') }],
      },
    ],
  }),
  listQueues: onNats({
    summary: 'What waits, and what is in work.',
    subject: 'murmur.queues.list',
    isRepeatable: true,
    service: ORCHESTRATOR,
    request: nothing('ListQueues'),
    response: message('Queues', listQueuesResponseSchema, QUEUES),
  }),
  listStorage: onNats({
    summary: 'How full everything is that can be full, and above which of its marks: the fullest first.',
    subject: 'murmur.storage.list',
    isRepeatable: true,
    service: ORCHESTRATOR,
    request: nothing('ListStorage'),
    response: message('Storage', listStorageResponseSchema, { storage: [storageLevelExample] }),
  }),
  detectionInfo: onNats({
    summary: 'What a detector runs.',
    subject: 'murmur.detection.info',
    service: DETECTION,
    request: nothing('GetDetectorInfo'),
    response: message('DetectorInfo', detectorInfoSchema, detectorInfoExample),
  }),
  detectionModels: onNats({
    summary: 'The models that a detector has or can have, what takes them unasked, and what is missing.',
    subject: 'murmur.detection.models',
    service: DETECTION,
    request: nothing('ListDetectorModels'),
    response: message('DetectorModels', detectorModelsSchema, detectorModelsExample),
  }),
} as const

/** For operators, who come by NATS: no credential of an edge is good for them. */
export const OPERATOR_OPERATIONS = {
  createKey: onNats({
    summary: 'Makes an API key; its secret is shown this once. For operators.',
    subject: 'murmur.keys.create',
    service: EDGE,
    isChange: true,
    maxRequestBytes: SMALL_BYTES,
    request: message('CreateKey', createKeyRequestSchema, {
      tenant: 'default',
      name: KEY.name,
      scopes: KEY.scopes,
      expiresInMs: 2_592_000_000,
    }),
    response: message('CreatedKey', createKeyResponseSchema, { key: KEY, secret: `mur_${KEY.id}_…` }),
  }),
  listKeys: onNats({
    summary: 'API keys, without their secrets. For operators.',
    subject: 'murmur.keys.list',
    service: EDGE,
    maxRequestBytes: SMALL_BYTES,
    request: message('ListKeys', listKeysRequestSchema, { tenant: 'default' }),
    response: message('Keys', listKeysResponseSchema, { keys: [KEY] }),
  }),
  rotateKey: onNats({
    summary:
      'Makes a key in place of another, which holds on for a while; the new secret is shown this once. For operators.',
    subject: 'murmur.keys.rotate',
    service: EDGE,
    isChange: true,
    maxRequestBytes: SMALL_BYTES,
    request: message('RotateKey', rotateKeyRequestSchema, { id: KEY.id, graceMs: 86_400_000 }),
    response: message('RotatedKey', rotateKeyResponseSchema, {
      key: { ...KEY, id: 'n3wk3y81mz0a', replaces: KEY.id },
      secret: 'mur_n3wk3y81mz0a_…',
      old: { ...KEY, replacedBy: 'n3wk3y81mz0a', expiresAtMs: 1_790_086_400_000 },
    }),
    errors: ['KEY_NOT_FOUND', 'KEY_STATE_CONFLICT'],
  }),
  revokeKey: onNats({
    summary: 'Ends an API key for good. For operators.',
    subject: 'murmur.keys.revoke',
    service: EDGE,
    isChange: true,
    maxRequestBytes: SMALL_BYTES,
    request: message('RevokeKey', revokeKeyRequestSchema, { id: KEY.id }),
    response: message('RevokedKey', revokeKeyResponseSchema, {
      key: { ...KEY, revokedAtMs: 1_790_000_100_000 },
    }),
    errors: ['KEY_NOT_FOUND'],
  }),
} as const

/** What processes of the system ask each other. */
export const PROCESS_OPERATIONS = {
  registerAgent: onNats({
    summary: 'An instance of an agent starts; answered once its queues exist.',
    subject: 'murmur.agents.register',
    service: ORCHESTRATOR,
    maxRequestBytes: SMALL_BYTES,
    request: message('RegisterAgent', agentRegistrationSchema, {
      type: 'word-count',
      instance: 'word-count-4f1a',
    }),
    response: message('Registered', agentRegisteredSchema, {
      ok: true,
      consumers: ['word-count-p0', 'word-count-p1', 'word-count-p2', 'word-count-p3'],
    }),
  }),
  startSteps: onNats({
    summary: 'Whether an instance may run attempts that it has taken; on murmur.steps.start.<agent>.',
    subject: 'murmur.steps.start',
    service: ORCHESTRATOR,
    per: 'agent',
    request: message('StartSteps', startStepsRequestSchema, startStepsRequestExample),
    response: message('StartVerdicts', startStepsResponseSchema, startStepsResponseExample),
  }),
  releaseSteps: onNats({
    summary: 'Attempts that an instance hands back because it stops; on murmur.steps.release.<agent>.',
    subject: 'murmur.steps.release',
    service: ORCHESTRATOR,
    per: 'agent',
    request: message('ReleaseSteps', releaseStepsRequestSchema, {
      instance: 'word-count-4f1a',
      steps: [{ taskId: TASK_ID, stepId: 'count', attempt: 1 }],
    }),
    response: message('Released', releaseStepsResponseSchema, { ok: true }),
  }),
  provideQueue: onNats({
    summary: 'A process of ours needs a queue: an orchestrator makes it, nobody else may.',
    subject: 'murmur.queues.provide',
    service: ORCHESTRATOR,
    maxRequestBytes: 1024,
    request: message('ProvideQueue', provideQueueRequestSchema, provideQueueRequestExample),
    response: message('QueueProvided', z.object({ ok: z.literal(true) }), { ok: true }),
  }),
} as const
