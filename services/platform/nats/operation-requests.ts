import { readRequest } from '#platform/requests/check-request.ts'
import {
  type NatsOperationName,
  natsOperation,
  type RequestOf,
  type ResponseInput,
  TENANT_SERVICES,
} from '#subjects/operations.ts'
import { lastToken } from '#subjects/subjects.ts'
import type { BusMessage } from './service-message.ts'

/** For whom an operation is asked, as the subject says. */
export interface Asked {
  readonly tenant: string
  /** The agent type, for operations that each type has for itself. */
  readonly agent: string | undefined
  readonly message: BusMessage
}

export type OperationHandler<Name extends NatsOperationName> = (
  request: RequestOf<Name>,
  asked: Asked,
) => Promise<ResponseInput<Name> | Uint8Array> | ResponseInput<Name> | Uint8Array

/** @throws MurmurError PAYLOAD_TOO_LARGE, MALFORMED_JSON, JSON_TOO_DEEP, INVALID_REQUEST with every field that is wrong */
export function requestOf<Name extends NatsOperationName>(name: Name, { data }: BusMessage): RequestOf<Name> {
  const { isRaw, request, maxRequestBytes } = natsOperation(name)
  return (isRaw ? data : readRequest(data, request.schema, { maxBytes: maxRequestBytes })) as RequestOf<Name>
}

export function askedOf(name: NatsOperationName, message: BusMessage): Asked {
  const { per } = natsOperation(name)
  return {
    tenant: TENANT_SERVICES.tenantOf(message.subject),
    agent: per === 'agent' ? lastToken(message.subject) : undefined,
    message,
  }
}
