import {
  instanceDrainExample,
  setInstanceDrainRequestSchema,
  setInstanceDrainResponseSchema,
} from '#schemas/agent-drain.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { fields, named, ref } from './rest-route.ts'

const REQUEST_BYTES = 16 * 1024

/** Drains of single instances. For operators: an instance works for all tenants. */
export const INSTANCE_DRAIN_OPERATIONS = {
  setInstanceDrain: onNats({
    summary:
      'Drains an instance of an agent: it takes no new steps and finishes what it has. Or lets it take steps again. For operators.',
    subject: 'murmur.agents.set-drain',
    service: ORCHESTRATOR,
    maxRequestBytes: REQUEST_BYTES,
    request: message('SetInstanceDrain', setInstanceDrainRequestSchema, {
      agent: instanceDrainExample.agent,
      instance: instanceDrainExample.instance,
      drain: true,
      reason: instanceDrainExample.reason,
    }),
    response: message('InstanceDrainSet', setInstanceDrainResponseSchema, { drain: instanceDrainExample }),
    scope: 'policies:write',
    isChange: true,
    errors: ['INSTANCE_NOT_FOUND', 'DRAIN_UNSUPPORTED', 'LIMIT_EXCEEDED'],
    grpc: ['SystemService.SetInstanceDrain'],
    rest: [
      {
        method: 'POST',
        path: '/v1/agents/{agent}/instances/{instance}/drain',
        tag: 'System',
        summary: 'Drain an instance of an agent, or let it take steps again',
        parameters: [
          named('agent', 'The type of agent.'),
          named('instance', 'The instance, as `GET /v1/agents` names it.'),
        ],
        body: {
          schema: ref('SetInstanceDrain'),
          example: { drain: true, reason: instanceDrainExample.reason },
        },
        answers: [{ status: 200, about: 'It holds.', schema: fields({ drain: ref('InstanceDrain') }) }],
      },
    ],
  }),
} as const
