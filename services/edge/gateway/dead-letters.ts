import type { Calling } from '#platform/nats/bus.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import {
  type ChangeDeadLettersResponse,
  type GetDeadLetterResponse,
  getDeadLetterRequestSchema,
  type ListDeadLettersResponse,
  listDeadLettersRequestSchema,
  purgeDeadLettersRequestSchema,
  replayDeadLettersRequestSchema,
} from '#schemas/dead-letter.ts'
import type { JsonObject } from '#schemas/json.ts'

/** A page may have a hundred letters that become tasks. Milliseconds. */
const CHANGE_TIMEOUT_MS = 30_000

/**
 * What was given up of one tenant. The services on NATS are for operators and know all tenants: a client says nothing about whose letters
 * he means, the gateway always does.
 */
export class DeadLetterGateway {
  readonly #bus: Calling

  constructor(bus: Calling) {
    this.#bus = bus
  }

  /** @throws MurmurError INVALID_REQUEST */
  list(tenant: string, request: JsonObject): Promise<ListDeadLettersResponse> {
    return this.#bus.call('listDeadLetters', {
      ...checkRequest(listDeadLettersRequestSchema, request),
      tenant,
    })
  }

  /** @throws MurmurError DEAD_LETTER_NOT_FOUND, also for those of others; INVALID_REQUEST */
  get(tenant: string, request: object): Promise<GetDeadLetterResponse> {
    return this.#bus.call('getDeadLetter', { ...checkRequest(getDeadLetterRequestSchema, request), tenant })
  }

  /** @throws MurmurError INVALID_REQUEST */
  replay(tenant: string, request: JsonObject): Promise<ChangeDeadLettersResponse> {
    const checked = checkRequest(replayDeadLettersRequestSchema, request)
    return this.#bus.call('replayDeadLetters', { ...checked, tenant }, { timeoutMs: CHANGE_TIMEOUT_MS })
  }

  /** @throws MurmurError INVALID_REQUEST */
  purge(tenant: string, request: JsonObject): Promise<ChangeDeadLettersResponse> {
    const checked = checkRequest(purgeDeadLettersRequestSchema, request)
    return this.#bus.call('purgeDeadLetters', { ...checked, tenant }, { timeoutMs: CHANGE_TIMEOUT_MS })
  }
}
