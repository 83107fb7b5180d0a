import type { AgentHeartbeat } from '#schemas/agent.ts'
import type { AgentInstance } from '../../services/orchestrator/dispatch/agent-instance.ts'
import type { StepToPlace } from '../../services/orchestrator/dispatch/strategy.ts'

/** A healthy instance with four free slots, unless told otherwise. */
export function agentInstance(id: string, about: Partial<AgentInstance> = {}): AgentInstance {
  return {
    id,
    version: '1',
    capabilities: [],
    capacity: 4,
    ownInFlight: 0,
    othersInFlight: 0,
    status: 'ready',
    heardAtMs: 0,
    blockedMs: 0,
    admits: true,
    onTrial: false,
    hasOwnQueue: true,
    isDrained: false,
    obeysCordons: true,
    ...about,
  }
}

export function stepToPlace(about: Partial<StepToPlace> = {}): StepToPlace {
  return { key: 't:s:1', tenant: 'default', priority: 1, ...about }
}

export function heartbeatOf(
  type: string,
  instance: string,
  about: Partial<AgentHeartbeat> = {},
): AgentHeartbeat {
  return { type, instance, version: '1', capacity: 4, inFlight: 0, status: 'ready', startedAtMs: 0, ...about }
}
