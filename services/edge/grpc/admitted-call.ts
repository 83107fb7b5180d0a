import type { Metadata } from '@grpc/grpc-js'
import { TRACEPARENT_HEADER } from '#platform/telemetry/traceparent.ts'
import {
  type Access,
  type Caller,
  type Entry,
  isFollowed,
  REQUEST_ID,
  requestIdOf,
} from '../access/access.ts'
import { type EdgeTelemetry, type RequestTrace, startRequest } from '../access/request-trace.ts'

/** A call whose metadata was read, and of whose messages nothing was yet. */
export interface BegunCall {
  readonly entry: Entry
  readonly trace: RequestTrace | undefined
}

/** The same, by somebody who was let in. */
export interface AdmittedCall extends BegunCall {
  readonly caller: Caller
}

/** By the metadata that grpc-js hands to the method: there is nothing else that both see. */
const admitted = new WeakMap<Metadata, AdmittedCall>()

export function admit(metadata: Metadata, call: AdmittedCall): void {
  admitted.set(metadata, call)
}

/** Once: what a method was let in for. Undefined: it was not. */
export function takeAdmitted(metadata: Metadata): AdmittedCall | undefined {
  const call = admitted.get(metadata)
  admitted.delete(metadata)
  return call
}

/** Begins a call: who asks for what, and its span. */
export function beginCall(
  metadata: Metadata,
  about: Pick<Entry, 'operation' | 'certificate'> & {
    address: string
    telemetry: EdgeTelemetry | undefined
  },
): BegunCall {
  const { operation, address, certificate, telemetry } = about
  const [given] = metadata.get(TRACEPARENT_HEADER)
  const [authorization] = metadata.get('authorization')
  const trace =
    telemetry &&
    startRequest(telemetry, {
      transport: 'grpc',
      operation,
      traceparent: typeof given === 'string' ? given : undefined,
      isStream: isFollowed(operation),
      attributes: { 'rpc.system.name': 'grpc' },
    })
  return {
    entry: {
      operation,
      transport: 'grpc',
      requestId: requestIdOf(metadata.get(REQUEST_ID)[0]),
      authorization: typeof authorization === 'string' ? authorization : undefined,
      address,
      certificate,
    },
    trace,
  }
}

export type Authorizing = Pick<Access, 'authorize' | 'onEnd' | 'refused' | 'audit'>
