import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { IntegrityView } from '#schemas/integrity.ts'
import type { PartitionsView } from '#schemas/partition-epochs.ts'
import type { QueueLoad } from '#schemas/queue-load.ts'
import type { Queues } from '#schemas/system-status.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { agentDispatchMessage, setPolicyJson, storedPolicyMessage } from './agent-policies.ts'
import { type CallDeps, unary } from './call.ts'
import { present } from './from-proto.ts'
import { SystemServiceService } from './generated/v1/system_service.ts'
import {
  agentMessage,
  detectorMessage,
  drainedInstanceMessage,
  instanceDrainMessage,
  siteMessage,
} from './to-proto.ts'
import { whole } from './whole.ts'

function partitionsMessage(view: PartitionsView): PartitionsView {
  const epochs = view.epochs.map(({ fromMs, ...epoch }) => ({
    ...epoch,
    ...(fromMs !== undefined && { fromMs: whole(fromMs) }),
  }))
  return { ...view, epochs }
}

function queueLoadMessage({ oldestAgeMs, ...load }: QueueLoad): QueueLoad {
  return { ...load, ...(oldestAgeMs !== undefined && { oldestAgeMs: whole(oldestAgeMs) }) }
}

/** Times have no fractions there. */
function integrityMessage(view: IntegrityView): IntegrityView {
  const recent = view.recent.map((one) => ({ ...one, atMs: whole(one.atMs) }))
  return { ...view, sinceMs: whole(view.sinceMs), atMs: whole(view.atMs), recent }
}

/** Times have no fractions there. */
function queuesMessage({ steps, ...queues }: Queues): Queues {
  const told = steps.map(({ oldestAgeMs, ...step }) => ({
    ...step,
    ...(oldestAgeMs !== undefined && { oldestAgeMs: whole(oldestAgeMs) }),
  }))
  return { ...queues, steps: told }
}

/** SystemService over the gateway. */
export function systemService(deps: CallDeps & { gateway: Gateway }): UntypedServiceImplementation {
  const is = SystemServiceService
  return {
    listAgents: unary(deps, 'listAgents', is.listAgents, async () => {
      const { agents, drains = [] } = await deps.gateway.agents()
      return { agents: agents.map(agentMessage), drains: drains.map(drainedInstanceMessage) }
    }),
    setAgentPolicy: unary(deps, 'setAgentPolicy', is.setAgentPolicy, async (request, { isAbout }) => {
      isAbout(request.agent ?? '')
      const { policy } = await deps.gateway.dispatch.setPolicy(setPolicyJson(request))
      return { policy: storedPolicyMessage(policy) }
    }),
    getAgentPolicies: unary(deps, 'getAgentPolicies', is.getAgentPolicies, async (request) => {
      const { agents } = await deps.gateway.dispatch.policies(present(request))
      return { agents: agents.map(agentDispatchMessage) }
    }),
    setInstanceDrain: unary(deps, 'setInstanceDrain', is.setInstanceDrain, async (request, { isAbout }) => {
      isAbout(`${request.agent ?? ''}/${request.instance ?? ''}`)
      const { drain } = await deps.gateway.dispatch.setInstanceDrain({ drain: false, ...present(request) })
      return { drain: instanceDrainMessage(drain) }
    }),
    setTaskTypePause: unary(deps, 'setTaskTypePause', is.setTaskTypePause, async (request, { isAbout }) => {
      isAbout(request.name ?? '')
      const { pause } = await deps.gateway.dispatch.setTaskTypePause({ paused: false, ...present(request) })
      return { pause: { ...pause, updatedAtMs: whole(pause.updatedAtMs) } }
    }),
    listTaskTypePauses: unary(deps, 'listTaskTypePauses', is.listTaskTypePauses, async () => {
      const { paused } = await deps.gateway.dispatch.taskTypePauses()
      return { paused: paused.map((one) => ({ ...one, sinceMs: whole(one.sinceMs) })) }
    }),
    listQueueLoads: unary(deps, 'listQueueLoads', is.listQueueLoads, async () => {
      const { atMs, queues } = await deps.gateway.queueLoads()
      return { atMs: whole(atMs), queues: queues.map(queueLoadMessage) }
    }),
    getIntegrity: unary(deps, 'getIntegrity', is.getIntegrity, async () => {
      const { integrity } = await deps.gateway.integrity()
      return integrity ? { integrity: integrityMessage(integrity) } : {}
    }),
    getPartitions: unary(deps, 'getPartitions', is.getPartitions, async () =>
      partitionsMessage(await deps.gateway.partitions()),
    ),
    growPartitions: unary(deps, 'growPartitions', is.growPartitions, async (request, { isAbout }) => {
      isAbout(String(request.to ?? 0))
      return partitionsMessage(await deps.gateway.growPartitions({ to: 0, ...present(request) }))
    }),
    getStatus: unary(deps, 'getStatus', is.getStatus, async () => {
      const {
        atMs,
        queues,
        storage = [],
        sites = [],
        detectors = [],
        cameras = [],
        ...status
      } = await deps.gateway.status()
      const levels = storage.map((level) => ({ ...level, sinceMs: whole(level.sinceMs) }))
      return {
        ...status,
        atMs: whole(atMs),
        queues: queuesMessage(queues),
        storage: levels,
        sites: sites.map(siteMessage),
        detectors: detectors.map(detectorMessage),
        cameras,
      }
    }),
  }
}
