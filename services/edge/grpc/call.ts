import {
  Metadata,
  type MethodDefinition,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type Asking, withAsking } from '#platform/requests/asking.ts'
import { withTrace } from '#platform/telemetry/active-trace.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { EdgeOperationName } from '#subjects/operations.ts'
import {
  type Access,
  type Caller,
  type Entry,
  isFollowed,
  REQUEST_ID,
  requestIdOf,
} from '../access/access.ts'
import type { EdgeTelemetry } from '../access/request-trace.ts'
import { takeAdmitted } from './admitted-call.ts'
import { type Call, type CallContext, contextOf, type Raw } from './call-context.ts'
import { SLOWEST_MS, untilTaken } from './http2-stream.ts'
import { statusOf } from './status-of.ts'

export interface CallDeps {
  clock: Clock
  access: Access
  log: Log
  /** Undefined: nothing is measured. */
  telemetry?: EdgeTelemetry | undefined
  /** Aborted when the edge stops. */
  stopping: AbortSignal
  /** How long a client may take nothing before it is cut off. Milliseconds. */
  slowestMs?: number | undefined
}

type Decoder<Request> = Pick<MethodDefinition<Request, never>, 'requestDeserialize'>
type Encoder<Response> = Pick<MethodDefinition<never, Response>, 'responseSerialize'>

/** What clients of gRPC take in one message unless they say otherwise, less a little for what is around it. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024 - 1024

/** Of what a client names, in the audit log. */
const MAX_TARGET = 256

/** One request, one answer. */
export function unary<Request, Response>(
  deps: CallDeps,
  operation: EdgeOperationName,
  method: Decoder<Request> & Encoder<Response>,
  handle: (request: Request, context: CallContext) => Promise<Response>,
) {
  return (call: ServerUnaryCall<Raw, Raw>, callback: sendUnaryData<Raw>): void => {
    guarded(deps, operation, call, async (context) =>
      encode(method, await handle(decode(method, call.request, LIMITS.submissionBytes), context)),
    ).then(
      (response) => callback(null, response),
      (error: unknown) => callback(refusal(error)),
    )
  }
}

/** One request, many answers, as fast as the client takes them. */
export function serverStream<Request, Response>(
  deps: CallDeps,
  operation: EdgeOperationName,
  method: Decoder<Request>,
  handle: (request: Request, context: CallContext) => AsyncIterable<Response>,
) {
  return (call: ServerWritableStream<Raw, Response>): void => {
    // What is written to a client that is gone is nobody's fault.
    call.on('error', () => undefined)
    guarded(deps, operation, call, async (context) => {
      for await (const item of handle(decode(method, call.request, LIMITS.submissionBytes), context)) {
        if (context.gone.aborted) return
        if (!call.write(item)) await untilTaken(call, context.gone, deps.slowestMs ?? SLOWEST_MS)
      }
    }).then(
      () => call.end(),
      (error: unknown) => call.emit('error', refusal(error)),
    )
  }
}

/** Many messages, one answer. */
export function clientStream<Response>(
  deps: CallDeps,
  operation: EdgeOperationName,
  handle: (call: ServerReadableStream<Raw, Response>, context: CallContext) => Promise<Response>,
) {
  return (call: ServerReadableStream<Raw, Response>, callback: sendUnaryData<Response>): void => {
    call.on('error', () => undefined)
    guarded(deps, operation, call, (context) => handle(call, context)).then(
      (response) => callback(null, response),
      (error: unknown) => callback(refusal(error)),
    )
  }
}

/** An error, and the request that it ended. */
class CallFailure {
  readonly error: unknown
  readonly requestId: string
  readonly traceparent: string | undefined

  constructor(error: unknown, requestId: string, traceparent?: string) {
    this.traceparent = traceparent
    this.error = error
    this.requestId = requestId
  }
}

/** As grpc-js wants it. */
function refusal(thrown: unknown) {
  const { error, requestId, traceparent } = thrown as CallFailure
  return { ...statusOf(error, requestId, traceparent?.slice(3, 35)), name: 'Error', message: '' }
}

/** Does the work that a call was let in for (see `admitCalls`), and writes down what was changed. @throws CallFailure */
async function guarded<Result>(
  deps: CallDeps,
  operation: EdgeOperationName,
  call: Call,
  work: (context: CallContext) => Promise<Result>,
): Promise<Result> {
  const { access, log } = deps
  const admitted = takeAdmitted(call.metadata)
  // A method that is served under another name than the catalogue has for it would be let in by the wrong scope.
  if (admitted?.entry.operation !== operation)
    throw new CallFailure(new MurmurError('INTERNAL', 'the call was not let in'), requestIdOf(undefined))
  const { entry, trace, caller } = admitted
  const { requestId } = entry
  let close: (() => void) | undefined
  let target: string | undefined
  let code = 'OK'
  try {
    const said = new Metadata()
    said.set(REQUEST_ID, requestId)
    call.sendMetadata(said)
    if (isFollowed(operation)) close = openStream(access, entry, caller)
    const isAbout = (what: string | undefined) => {
      target = what?.slice(0, MAX_TARGET)
    }
    const waits = () => trace?.waits()
    const context = contextOf(call, deps, { caller, isAbout, waits })
    return await withTrace(trace?.traceparent, () =>
      withAsking(askingOf(context, deps.clock), () => work(context)),
    )
  } catch (error) {
    code = error instanceof MurmurError ? error.code : 'INTERNAL'
    if (code === 'INTERNAL') log.error({ err: error, operation, requestId }, 'a call failed')
    throw new CallFailure(error, requestId, trace?.traceparent)
  } finally {
    close?.()
    trace?.end(code)
    access.audit(entry, caller, { ...(target !== undefined && { target }), code })
  }
}

/** What is held for a call is held until its deadline, and until its client is gone or the edge stops. */
function askingOf(context: CallContext, clock: Clock): Asking {
  const { remainingMs } = context
  return {
    ...(remainingMs !== undefined && { untilMs: clock.monotonicMs() + remainingMs }),
    // Made for those that are held: most calls are not.
    get signal() {
      return context.signal
    },
  }
}

/** One more stream of a tenant; that there are too many stands in the audit log. @throws MurmurError QUOTA_EXCEEDED */
function openStream(access: Access, entry: Entry, caller: Caller): () => void {
  try {
    return access.openStream(caller)
  } catch (error) {
    if (error instanceof MurmurError) access.refused(entry, caller, error.code)
    throw error
  }
}

/** @throws MurmurError LIMIT_EXCEEDED for what clients would refuse without a word of ours */
function encode<Response>(method: Encoder<Response>, response: Response): Buffer {
  const bytes = method.responseSerialize(response)
  if (bytes.length > MAX_ANSWER_BYTES)
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the answer has ${bytes.length} bytes, at most ${MAX_ANSWER_BYTES} fit into a message of gRPC: REST gives it`,
    )
  return bytes
}

/** @throws MurmurError PAYLOAD_TOO_LARGE, JSON_TOO_DEEP, INVALID_REQUEST */
export function decode<Request>(method: Decoder<Request>, bytes: Buffer, mostBytes: number): Request {
  if (bytes.length > mostBytes)
    throw new MurmurError(
      'PAYLOAD_TOO_LARGE',
      `the request has ${bytes.length} bytes, at most ${mostBytes} are read`,
    )
  try {
    return method.requestDeserialize(bytes)
  } catch (cause) {
    if (/recursion|call stack/.test(String(cause)))
      throw new MurmurError('JSON_TOO_DEEP', 'the request is nested deeper than gRPC reads', { cause })
    throw new MurmurError('INVALID_REQUEST', 'the request is no message of this method', { cause })
  }
}
