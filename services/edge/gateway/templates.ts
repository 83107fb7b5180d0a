import type { Calling } from '#platform/nats/bus.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import type { JsonObject } from '#schemas/json.ts'
import {
  type DeleteTemplateResponse,
  deleteTemplateRequestSchema,
  type GetTemplateResponse,
  getTemplateRequestSchema,
  type ListTemplatesResponse,
  listTemplatesRequestSchema,
  type PutTemplateResponse,
  putTemplateRequestSchema,
} from '#schemas/plan-template.ts'

/** A version is read, written and read again. Milliseconds. */
const CHANGE_TIMEOUT_MS = 15_000
const PASSED_ON = { isTrusted: true } as const

/** Plan templates of one tenant. */
export class TemplateGateway {
  readonly #bus: Calling

  constructor(bus: Calling) {
    this.#bus = bus
  }

  /** @throws MurmurError INVALID_REQUEST, TEMPLATE_CONFLICT, LIMIT_EXCEEDED, and what is wrong with its plan */
  put(tenant: string, request: JsonObject): Promise<PutTemplateResponse> {
    const checked = checkRequest(putTemplateRequestSchema, request)
    return this.#bus.call('putTemplate', checked, { ...PASSED_ON, tenant, timeoutMs: CHANGE_TIMEOUT_MS })
  }

  /** @throws MurmurError INVALID_REQUEST, TEMPLATE_NOT_FOUND */
  get(tenant: string, request: JsonObject): Promise<GetTemplateResponse> {
    const checked = checkRequest(getTemplateRequestSchema, request)
    return this.#bus.call('getTemplate', checked, { ...PASSED_ON, tenant })
  }

  /** One page, by name. @throws MurmurError INVALID_REQUEST */
  list(tenant: string, request: JsonObject): Promise<ListTemplatesResponse> {
    const checked = checkRequest(listTemplatesRequestSchema, request)
    return this.#bus.call('listTemplates', checked, { ...PASSED_ON, tenant })
  }

  /** @throws MurmurError INVALID_REQUEST, TEMPLATE_NOT_FOUND */
  delete(tenant: string, request: JsonObject): Promise<DeleteTemplateResponse> {
    const checked = checkRequest(deleteTemplateRequestSchema, request)
    return this.#bus.call('deleteTemplate', checked, { ...PASSED_ON, tenant, timeoutMs: CHANGE_TIMEOUT_MS })
  }
}
