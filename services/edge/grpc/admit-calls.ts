import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  type ServerListener,
} from '@grpc/grpc-js'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { LIMITS } from '#schemas/limits.ts'
import { EDGE_OPERATION_NAMES, type EdgeOperationName, edgeOperation } from '#subjects/operations.ts'
import { type Caller, type Entry, REQUEST_ID } from '../access/access.ts'
import type { Admission, HalfSentMessage, Leave } from '../access/admission.ts'
import { credentialEnded } from '../access/credential-end.ts'
import type { EdgeTelemetry } from '../access/request-trace.ts'
import { type Authorizing, admit, type BegunCall, beginCall, takeAdmitted } from './admitted-call.ts'
import { closeSoon, onPiece } from './http2-stream.ts'
import { statusOf } from './status-of.ts'

export interface AdmitDeps {
  access: Authorizing
  admission: Admission
  log: Log
  telemetry?: EdgeTelemetry | undefined
  /** A message has to be here within this; a client that reflects has to ask again. Milliseconds. */
  messageTimeoutMs: number
}

/** Length and flag before a message, and what little a client may add that we do not know. */
const FRAME_BYTES = 64
const PACKAGE = 'murmuration.edge.v1'

/** `/murmuration.edge.v1.TaskService/GetTask` → `getTask` */
const OPERATIONS: ReadonlyMap<string, EdgeOperationName> = new Map(
  EDGE_OPERATION_NAMES.flatMap((name) =>
    (edgeOperation(name).grpc ?? []).map(
      (method) => [`/${PACKAGE}.${method.replace('.', '/')}`, name] as const,
    ),
  ),
)

/**
 * Lets calls in by their metadata. Nothing of a message is read before that, so who is not known costs no more than his headers and what
 * the window of HTTP/2 holds; and of those who are, what has come of messages that have not ended is counted and has its time.
 */
export function admitCalls(deps: AdmitDeps): ServerInterceptor {
  return ({ path, requestStream }, call) => {
    const gate = new CallGate(call, deps, { path, isStream: requestStream })
    return new ServerInterceptingCall(call, { start: (next) => next(gate.listener) })
  }
}

/** One call between its metadata and its method. */
class CallGate {
  readonly listener: ServerListener
  readonly #call: ServerInterceptingCallInterface
  readonly #deps: AdmitDeps
  readonly #path: string
  readonly #isStream: boolean
  readonly #leaves: Leave[] = []
  #timer: NodeJS.Timeout | undefined
  #message: HalfSentMessage | undefined
  #isOver = false

  constructor(
    call: ServerInterceptingCallInterface,
    deps: AdmitDeps,
    { path, isStream }: { path: string; isStream: boolean },
  ) {
    this.#call = call
    this.#deps = deps
    this.#path = path
    this.#isStream = isStream
    this.listener = {
      onReceiveMetadata: (metadata, next) => void this.#enter(metadata, next),
      onReceiveMessage: (message, next) => {
        this.#message?.end()
        // Of a stream of requests, each has its time; its method knows how long it waits for the next one.
        if (this.#isStream && this.#timer) this.#awaitMessage()
        next(message)
      },
      onReceiveHalfClose: (next) => {
        this.#message?.end()
        clearTimeout(this.#timer)
        next()
      },
      onCancel: () => this.#end(),
    }
  }

  async #enter(metadata: Metadata, next: (metadata: Metadata) => void): Promise<void> {
    const { access, admission, telemetry, log } = this.#deps
    const forwarded = metadata.get('x-forwarded-for').map(String)
    const address = admission.addressOf(this.#call.getPeer(), forwarded.length > 0 ? forwarded : undefined)
    const operation = OPERATIONS.get(this.#path)
    // Of a connection without one of the authority that was named, nothing is heard at all.
    const certificate = () => this.#call.getAuthContext()?.sslPeerCertificate
    const begun = operation && beginCall(metadata, { operation, address, certificate, telemetry })
    try {
      const leave = this.#take(begun?.entry, undefined, () => admission.enterStranger(address))
      // Health and reflection are for everybody; the place of a stranger is theirs until they end.
      if (!begun) this.#awaitMessage()
      else {
        const caller = await access.authorize(begun.entry)
        leave()
        if (this.#isOver) return begun.trace?.end('ABORTED')
        this.#admit(caller, metadata, begun)
      }
      next(metadata)
    } catch (error) {
      const code = error instanceof MurmurError ? error.code : 'INTERNAL'
      if (code === 'INTERNAL') log.error({ err: error, operation }, 'a call could not be let in')
      begun?.trace?.end(code)
      this.#refuse(error, begun)
    }
  }

  /** Takes a place until the call is over; that there is none stands in the audit log. @throws MurmurError RATE_LIMITED */
  #take(entry: Entry | undefined, caller: Caller | undefined, take: () => Leave): Leave {
    try {
      const leave = take()
      this.#leaves.push(leave)
      return leave
    } catch (error) {
      if (entry && error instanceof MurmurError) this.#deps.access.refused(entry, caller, error.code)
      throw error
    }
  }

  #admit(caller: Caller, metadata: Metadata, begun: BegunCall): void {
    const { access, admission } = this.#deps
    this.#take(begun.entry, caller, () => admission.enterCaller(caller))
    this.#leaves.push(access.onEnd(caller, () => this.#refuse(credentialEnded(), begun)))
    const message = admission.halfSentBy(caller)
    this.#message = message
    onPiece(this.#call, (bytes) => this.#count(message, bytes, begun))
    admit(metadata, { ...begun, caller })
    // Its method has not begun: nobody else ends what was begun for it.
    this.#leaves.push(() => takeAdmitted(metadata)?.trace?.end('ABORTED'))
    // How long an upload waits for its next piece is known where it is read.
    if (!this.#isStream) this.#awaitMessage()
  }

  #count(message: HalfSentMessage, bytes: number, begun: BegunCall): void {
    if (this.#isOver) return
    try {
      message.add(bytes)
      if (!this.#isStream && message.bytes > LIMITS.submissionBytes + FRAME_BYTES)
        throw new MurmurError(
          'PAYLOAD_TOO_LARGE',
          `the request is larger than the ${LIMITS.submissionBytes} bytes that are read`,
        )
    } catch (error) {
      this.#refuse(error, begun)
    }
  }

  #awaitMessage(): void {
    const { messageTimeoutMs } = this.#deps
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const message = `no message has come to its end within ${messageTimeoutMs / 1000} s`
      this.#refuse(new MurmurError('INVALID_REQUEST', message), undefined)
    }, messageTimeoutMs)
  }

  /** Whatever its method does: the client is told, and what it sends is not waited for. */
  #refuse(error: unknown, begun: BegunCall | undefined): void {
    if (this.#isOver) return
    const requestId = begun?.entry.requestId ?? ''
    const refusal = statusOf(error, requestId, begun?.trace?.traceparent.slice(3, 35))
    if (begun) refusal.metadata.set(REQUEST_ID, requestId)
    this.#call.sendStatus(refusal)
    closeSoon(this.#call)
    this.#end()
  }

  #end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#message?.end()
    for (const leave of this.#leaves.splice(0)) leave()
  }
}
