import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Gateway } from '../gateway/gateway.ts'
import { agentDispatchMessage, setPolicyJson, storedPolicyMessage } from './agent-policies.ts'
import { type CallDeps, unary } from './call.ts'
import { present } from './from-proto.ts'
import { SystemServiceService } from './generated/v1/system_service.ts'
import { agentMessage, siteMessage } from './to-proto.ts'

/** SystemService over the gateway. */
export function systemService(deps: CallDeps & { gateway: Gateway }): UntypedServiceImplementation {
  const is = SystemServiceService
  return {
    listAgents: unary(deps, 'listAgents', is.listAgents, async () => ({
      agents: (await deps.gateway.agents()).map(agentMessage),
    })),
    setAgentPolicy: unary(deps, 'setAgentPolicy', is.setAgentPolicy, async (request, { isAbout }) => {
      isAbout(request.agent ?? '')
      const { policy } = await deps.gateway.setAgentPolicy(setPolicyJson(request))
      return { policy: storedPolicyMessage(policy) }
    }),
    getAgentPolicies: unary(deps, 'getAgentPolicies', is.getAgentPolicies, async (request) => {
      const { agents } = await deps.gateway.agentPolicies(present(request))
      return { agents: agents.map(agentDispatchMessage) }
    }),
    setTaskTypePause: unary(deps, 'setTaskTypePause', is.setTaskTypePause, async (request, { isAbout }) => {
      isAbout(request.name ?? '')
      const { pause } = await deps.gateway.setTaskTypePause({ paused: false, ...present(request) })
      return { pause: { ...pause, updatedAtMs: Math.floor(pause.updatedAtMs) } }
    }),
    listTaskTypePauses: unary(deps, 'listTaskTypePauses', is.listTaskTypePauses, async () => {
      const { paused } = await deps.gateway.taskTypePauses()
      return { paused: paused.map((one) => ({ ...one, sinceMs: Math.floor(one.sinceMs) })) }
    }),
    getStatus: unary(deps, 'getStatus', is.getStatus, async () => {
      const { atMs, sites = [], ...status } = await deps.gateway.status()
      return { ...status, atMs: Math.floor(atMs), sites: sites.map(siteMessage) }
    }),
  }
}
