import type { AgentDispatchView, AgentPolicy, StoredPolicy } from '#schemas/agent-policy.ts'
import type { JsonObject } from '#schemas/json.ts'
import { present } from './from-proto.ts'
import type {
  AgentDispatch,
  AgentPolicy as ProtoPolicy,
  SetAgentPolicyRequest,
  StoredAgentPolicy,
} from './generated/v1/system_service.ts'
import { whole } from './whole.ts'

// Policies of agents as messages, and back. Lists and maps can't be unset in a message: empty ones are not said.

/** The request of `murmur.agents.set-policy`, which is checked there. */
export function setPolicyJson({ set, unset = [], ...rest }: SetAgentPolicyRequest): JsonObject {
  return present({ ...rest, set: set && policyJson(set), unset: unset.length > 0 ? unset : undefined })
}

function policyJson({
  breaker,
  pausedTenants,
  concurrencyOf,
  weights,
  versions,
  ...rest
}: ProtoPolicy): JsonObject {
  return present({
    ...rest,
    pausedTenants: filled(pausedTenants),
    concurrencyOf: filled(concurrencyOf),
    weights: filled(weights),
    versions: filled(versions),
    breaker: breaker && present(breaker),
  })
}

/** @returns undefined for one that is empty */
function filled<Value extends object>(value: Value | undefined): Value | undefined {
  return value && Object.keys(value).length > 0 ? value : undefined
}

function policyMessage(policy: AgentPolicy): ProtoPolicy {
  return { ...policy }
}

export function storedPolicyMessage({ updatedAtMs, resetAtMs, ...stored }: StoredPolicy): StoredAgentPolicy {
  return {
    ...stored,
    policy: policyMessage(stored.policy),
    updatedAtMs: whole(updatedAtMs),
    ...(resetAtMs !== undefined && { resetAtMs: whole(resetAtMs) }),
  }
}

export function agentDispatchMessage({ updatedAtMs, ...view }: AgentDispatchView): AgentDispatch {
  return {
    ...view,
    policy: policyMessage(view.policy),
    ...(updatedAtMs !== undefined && { updatedAtMs: whole(updatedAtMs) }),
  }
}
