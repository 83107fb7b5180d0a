import {
  agentDispatchViewExample,
  getAgentPoliciesRequestSchema,
  getAgentPoliciesResponseSchema,
  setAgentPolicyRequestSchema,
  setAgentPolicyResponseSchema,
  storedPolicyExample,
} from '#schemas/agent-policy.ts'
import { ORCHESTRATOR } from './micro-services.ts'
import { message, onNats } from './operation.ts'
import { fields, list, named, query, ref, TOKEN } from './rest-route.ts'

const POLICY_BYTES = 16 * 1024

/** How agent types are dispatched. For operators: a policy concerns all tenants, and names them. */
export const AGENT_POLICY_OPERATIONS = {
  setAgentPolicy: onNats({
    summary:
      'Changes how steps of an agent type are dispatched, or closes its circuit breakers. For operators.',
    subject: 'murmur.agents.set-policy',
    service: ORCHESTRATOR,
    maxRequestBytes: POLICY_BYTES,
    request: message('SetAgentPolicy', setAgentPolicyRequestSchema, {
      agent: 'word-count',
      set: storedPolicyExample.policy,
    }),
    response: message('AgentPolicySet', setAgentPolicyResponseSchema, { policy: storedPolicyExample }),
    scope: 'policies:write',
    isChange: true,
    errors: ['LIMIT_EXCEEDED'],
    grpc: ['SystemService.SetAgentPolicy'],
    rest: [
      {
        method: 'POST',
        path: '/v1/agent-policies/{agent}',
        tag: 'System',
        summary: 'Change how steps of an agent type are dispatched, or close its circuit breakers',
        parameters: [named('agent', 'The type of agent.')],
        body: {
          schema: ref('SetAgentPolicy'),
          example: { set: storedPolicyExample.policy },
        },
        answers: [{ status: 200, about: 'It holds.', schema: fields({ policy: ref('StoredAgentPolicy') }) }],
      },
    ],
  }),
  getAgentPolicies: onNats({
    summary: 'How steps of agent types are dispatched, and their circuit breakers. For operators.',
    subject: 'murmur.agents.policies',
    isRepeatable: true,
    service: ORCHESTRATOR,
    maxRequestBytes: POLICY_BYTES,
    request: message('GetAgentPolicies', getAgentPoliciesRequestSchema, { agent: 'word-count' }),
    response: message('AgentPolicies', getAgentPoliciesResponseSchema, {
      agents: [agentDispatchViewExample],
    }),
    scope: 'policies:read',
    grpc: ['SystemService.GetAgentPolicies'],
    rest: [
      {
        method: 'GET',
        path: '/v1/agent-policies',
        tag: 'System',
        summary: 'How agent types are dispatched, what waits, and their circuit breakers',
        parameters: [query('agent', 'Only this type.', TOKEN)],
        answers: [{ status: 200, about: 'By type.', schema: fields({ agents: list(ref('AgentDispatch')) }) }],
      },
    ],
  }),
} as const
