import { readRequest } from '#platform/requests/check-request.ts'
import {
  type NatsOperationRef,
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

export type OperationHandler<Ref extends NatsOperationRef> = (
  request: RequestOf<Ref>,
  asked: Asked,
) => Promise<ResponseInput<Ref> | Uint8Array> | ResponseInput<Ref> | Uint8Array

/** @throws MurmurError PAYLOAD_TOO_LARGE, MALFORMED_JSON, JSON_TOO_DEEP, INVALID_REQUEST with every field that is wrong */
export function requestOf<Ref extends NatsOperationRef>(ref: Ref, { data }: BusMessage): RequestOf<Ref> {
  const { isRaw, request, maxRequestBytes } = natsOperation(ref)
  return (isRaw ? data : readRequest(data, request.schema, { maxBytes: maxRequestBytes })) as RequestOf<Ref>
}

export function askedOf(ref: NatsOperationRef, message: BusMessage): Asked {
  const { per } = natsOperation(ref)
  return {
    tenant: TENANT_SERVICES.tenantOf(message.subject),
    agent: per === 'agent' ? lastToken(message.subject) : undefined,
    message,
  }
}
