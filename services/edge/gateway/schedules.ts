import type { Calling } from '#platform/nats/bus.ts'
import type { JsonObject } from '#schemas/json.ts'
import type { SCHEDULE_OPERATIONS } from '#subjects/operations/schedules.ts'
import type { RequestInput, ResponseOf } from '#subjects/operations.ts'

type ScheduleOperation = keyof typeof SCHEDULE_OPERATIONS

/** An orchestrator waits this long for the log; what it says then is better than that nobody answered. */
const TIMEOUT_MS = 7000

/** Schedules of one tenant. Requests go as they came: an orchestrator checks them. */
export class ScheduleGateway {
  readonly #bus: Calling

  constructor(bus: Calling) {
    this.#bus = bus
  }

  /** @throws MurmurError SCHEDULE_NOT_FOUND, also for those of others; INVALID_REQUEST, INVALID_SCHEDULE, and what the operation may be refused for */
  ask<Name extends ScheduleOperation>(
    tenant: string,
    operation: Name,
    request: JsonObject,
  ): Promise<ResponseOf<Name>> {
    const options = { tenant, isTrusted: true, timeoutMs: TIMEOUT_MS } as const
    return this.#bus.call(operation, request as RequestInput<Name>, options)
  }
}
