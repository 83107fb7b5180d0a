import type { Calling } from '#platform/nats/bus.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { setInstanceDrainRequestSchema } from '#schemas/agent-drain.ts'
import { getAgentPoliciesRequestSchema, setAgentPolicyRequestSchema } from '#schemas/agent-policy.ts'
import type { JsonObject } from '#schemas/json.ts'
import { setTaskTypePauseRequestSchema } from '#schemas/task-type.ts'
import type { ResponseOf } from '#subjects/operations.ts'

const PASSED_ON = { isTrusted: true } as const

/** How steps are dispatched, and to whom: for operators, of all tenants. */
export class DispatchGateway {
  readonly #calls: Calling

  constructor(calls: Calling) {
    this.#calls = calls
  }

  /** How agent types are dispatched. @throws MurmurError INVALID_REQUEST */
  policies(request: JsonObject): Promise<ResponseOf<'getAgentPolicies'>> {
    return this.#calls.call(
      'getAgentPolicies',
      checkRequest(getAgentPoliciesRequestSchema, request),
      PASSED_ON,
    )
  }

  /** Resolves when it is stored. @throws MurmurError INVALID_REQUEST, LIMIT_EXCEEDED */
  setPolicy(request: JsonObject): Promise<ResponseOf<'setAgentPolicy'>> {
    return this.#calls.call('setAgentPolicy', checkRequest(setAgentPolicyRequestSchema, request), PASSED_ON)
  }

  /** Types of tasks that are paused. @throws MurmurError INVALID_REQUEST */
  taskTypePauses(): Promise<ResponseOf<'listTaskTypePauses'>> {
    return this.#calls.call('listTaskTypePauses', {}, PASSED_ON)
  }

  /** Resolves when it is stored. @throws MurmurError INVALID_REQUEST, LIMIT_EXCEEDED */
  setTaskTypePause(request: JsonObject): Promise<ResponseOf<'setTaskTypePause'>> {
    return this.#calls.call(
      'setTaskTypePause',
      checkRequest(setTaskTypePauseRequestSchema, request),
      PASSED_ON,
    )
  }

  /** Resolves when it is stored. @throws MurmurError INVALID_REQUEST, INSTANCE_NOT_FOUND, DRAIN_UNSUPPORTED, LIMIT_EXCEEDED */
  setInstanceDrain(request: JsonObject): Promise<ResponseOf<'setInstanceDrain'>> {
    return this.#calls.call(
      'setInstanceDrain',
      checkRequest(setInstanceDrainRequestSchema, request),
      PASSED_ON,
    )
  }
}
