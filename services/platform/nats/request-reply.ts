import { headers as createHeaders, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { readRequest } from '#platform/requests/check-request.ts'
import { activeTraceparent } from '#platform/telemetry/active-trace.ts'
import { TRACEPARENT_HEADER } from '#platform/telemetry/traceparent.ts'
import { type Problem, problemSchema } from '#schemas/problem.ts'
import { INBOX_OF_ACCOUNTS } from '#subjects/inboxes.ts'
import {
  type NatsOperationRef,
  natsOperation,
  type RequestOf,
  type ResponseInput,
  TENANT_SERVICES,
} from '#subjects/operations.ts'
import { lastToken } from '#subjects/subjects.ts'
import { isWithoutResponder } from './live-connection.ts'

/** A message of core NATS. */
export interface BusMessage {
  subject: string
  data: Uint8Array
  header(name: string): string | undefined
  /** Asked from another account; not known of what is only told. */
  isFromOtherAccount?: boolean
  /** Where an answer goes, when one is waited for. */
  reply?: string | undefined
}

/** What the rest of the project sees of a message. */
export function viewOf(message: Msg): BusMessage {
  return {
    subject: message.subject,
    data: message.data,
    header: (name) => message.headers?.get(name) || undefined,
    isFromOtherAccount: message.reply?.startsWith(`${INBOX_OF_ACCOUNTS}.`) ?? false,
    reply: message.reply,
  }
}

/**
 * Answers a request with what the handler returns: bytes as they are, all else as JSON.
 * @throws what the handler throws, and MurmurError PAYLOAD_TOO_LARGE for an answer that no message can hold
 */
export async function answer(
  message: Msg,
  send: (data: string | Uint8Array) => void,
  handler: (message: BusMessage) => Promise<unknown> | unknown,
): Promise<void> {
  const body = await handler(viewOf(message))
  send(body instanceof Uint8Array ? body : JSON.stringify(body))
}

/** The problem that an answer holds instead of a result. */
export function problemIn(reply: unknown): Problem | undefined {
  if (typeof reply !== 'object' || reply === null || !('problem' in reply)) return undefined
  const parsed = problemSchema.safeParse(reply.problem)
  return parsed.success ? parsed.data : undefined
}

interface Request {
  subject: string
  /** Bytes and text are sent as they are, all else as JSON. */
  body: unknown
  timeoutMs: number
  /** What the client says of itself. */
  headers?: Readonly<Record<string, string>> | undefined
}

const OPENING_BRACE = 0x7b
/** Who serves may be back by then. */
const RETRY_AFTER_MS = 1000
const decoder = new TextDecoder()

/** @throws MurmurError UNAVAILABLE when nobody answers in time, or the problem that the service answers with */
export async function requestJson(nc: NatsConnection, request: Request): Promise<unknown> {
  const { data } = await send(nc, request)
  const reply: unknown = JSON.parse(decoder.decode(data))
  const problem = problemIn(reply)
  if (problem) throw MurmurError.fromProblem(problem)
  return reply
}

/** The same for an answer of bytes. @throws what `requestJson` throws */
export async function requestBytes(nc: NatsConnection, request: Request): Promise<Uint8Array> {
  const message = await send(nc, request)
  const problem = message.data[0] === OPENING_BRACE ? problemIn(JSON.parse(message.string())) : undefined
  if (problem) throw MurmurError.fromProblem(problem)
  return message.data
}

async function send(nc: NatsConnection, { subject, body, timeoutMs, headers: said }: Request): Promise<Msg> {
  const payload = body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body)
  try {
    const traceparent = activeTraceparent()
    if (traceparent === undefined && said === undefined)
      return await nc.request(subject, payload, { timeout: timeoutMs })
    const headers = createHeaders()
    if (traceparent !== undefined) headers.set(TRACEPARENT_HEADER, traceparent)
    for (const [name, value] of Object.entries(said ?? {})) headers.set(name, value)
    return await nc.request(subject, payload, { timeout: timeoutMs, headers })
  } catch (cause) {
    const detail = new Unanswered(`nobody answers on ${subject}: ${messageOf(cause)}`, { cause })
    throw new MurmurError('UNAVAILABLE', `nobody answers: ${reasonOf(cause)}`, {
      cause: detail,
      retryAfterMs: RETRY_AFTER_MS,
    })
  }
}

/**
 * Why there is no answer: `nobody` was there, so that nobody has begun with it, or whoever has it is `silent`. Undefined for what was answered,
 * whatever the answer is.
 */
export function unansweredBy(error: unknown): 'nobody' | 'silent' | undefined {
  if (!(error instanceof MurmurError && error.cause instanceof Unanswered)) return undefined
  return isWithoutResponder(error.cause.cause) ? 'nobody' : 'silent'
}

/** Where it was asked is for logs: the text of the error around it goes out to clients, who have no business with subjects. */
class Unanswered extends Error {}

/** The client library's own texts may name the subject. */
function reasonOf(cause: unknown): string {
  const text = messageOf(cause)
  if (/no responders/i.test(text)) return 'no service for this is running'
  return /timeout/i.test(text)
    ? 'the service did not answer in time'
    : 'the connection to the services is away'
}

/** Whom a request is for, as its subject says. */
export interface RequestContext {
  readonly tenant: string
  /** The agent type, for operations that each type has for itself. */
  readonly agent: string | undefined
  readonly message: BusMessage
}

export type OperationHandler<Ref extends NatsOperationRef> = (
  request: RequestOf<Ref>,
  context: RequestContext,
) => Promise<ResponseInput<Ref> | Uint8Array> | ResponseInput<Ref> | Uint8Array

/** @throws MurmurError PAYLOAD_TOO_LARGE, MALFORMED_JSON, JSON_TOO_DEEP, INVALID_REQUEST with every field that is wrong */
export function requestOf<Ref extends NatsOperationRef>(ref: Ref, { data }: BusMessage): RequestOf<Ref> {
  const { isRaw, request, maxRequestBytes } = natsOperation(ref)
  return (isRaw ? data : readRequest(data, request.schema, { maxBytes: maxRequestBytes })) as RequestOf<Ref>
}

export function contextOf(ref: NatsOperationRef, message: BusMessage): RequestContext {
  const { per } = natsOperation(ref)
  return {
    tenant: TENANT_SERVICES.tenantOf(message.subject),
    agent: per === 'agent' ? lastToken(message.subject) : undefined,
    message,
  }
}
