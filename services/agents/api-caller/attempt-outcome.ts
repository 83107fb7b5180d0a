import { messageOf } from '#platform/errors/murmur-error.ts'
import type { CircuitOpen } from '#platform/http/circuit-breaker.ts'
import type { HttpAnswer } from '#platform/http/http-client.ts'
import { classifyAnswer, type HttpPermanent, type HttpRetry } from '#platform/http/http-outcome.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { ApiCallRequest, GraphqlCall } from '#schemas/api-call.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { isExpectedStatus } from './build-request.ts'

/** What one attempt means for the call. With an open circuit there is no point in waiting for it in a slot. */
export type AttemptOutcome = AttemptDone | HttpPermanent | HttpRetry | CircuitOpen

/** The answer is as wanted. */
export interface AttemptDone {
  kind: 'done'
  answer: HttpAnswer
  graphql?: GraphqlAnswer
}

export interface GraphqlAnswer {
  data: JsonValue
  errors: GraphqlError[]
}

export interface GraphqlError {
  message: string
  code?: string
}

const SNIPPET_CHARACTERS = 500
/** Turned away before any work was done. */
const THROTTLED_CODES = ['THROTTLED', 'RATE_LIMITED', 'RATELIMITED', 'TOO_MANY_REQUESTS']
const TRANSIENT_CODES = [
  ...THROTTLED_CODES,
  'SERVICE_UNAVAILABLE',
  'UNAVAILABLE',
  'TIMEOUT',
  'GATEWAY_TIMEOUT',
]
const MAX_GRAPHQL_ERRORS = 20
const MAX_NAMED_ERRORS = 3

/** What an answer means: its status, then what GraphQL reports inside. Pure. */
export function classifyAttempt(call: ApiCallRequest, answer: HttpAnswer, nowMs: number): AttemptOutcome {
  const outcome = classifyAnswer(answer, { nowMs, isSuccess: (status) => isExpectedStatus(call, status) })
  if (outcome.kind !== 'done') {
    return { ...outcome, why: `${answer.url.host} ${outcome.why}${snippet(answer)}` }
  }
  return call.graphql ? classifyGraphql(call.graphql, answer) : { kind: 'done', answer }
}

/** What an answer means whose status is as wanted: GraphQL reports its errors inside. Pure. */
function classifyGraphql(call: GraphqlCall, answer: HttpAnswer): AttemptOutcome {
  const { host } = answer.url
  let body: JsonValue
  try {
    body = parseBoundedJson(answer.body, { maxBytes: answer.body.length, numbers: 'nearest' })
  } catch (error) {
    return permanent(`${host} answered with something that is no GraphQL: ${messageOf(error)}`)
  }
  if (!isObject(body)) return permanent(`${host} answered with something that is no GraphQL`)
  const errors = readErrors(body.errors)
  const data = body.data ?? null
  if (errors.length === 0) {
    return body.data === undefined
      ? permanent(`${host} answered with neither data nor errors`)
      : { kind: 'done', answer, graphql: { data, errors } }
  }
  if (call.allowPartial && data !== null) return { kind: 'done', answer, graphql: { data, errors } }
  return classifyGraphqlErrors(call, host, errors)
}

/** Worth another attempt only when every error may pass. */
function classifyGraphqlErrors(call: GraphqlCall, host: string, errors: GraphqlError[]): AttemptOutcome {
  const why = `${host} answered with errors: ${errors.slice(0, MAX_NAMED_ERRORS).map(describeError).join('; ')}`
  const transient = [...TRANSIENT_CODES, ...(call.retryCodes ?? [])]
  if (!errors.every(({ code }) => code !== undefined && transient.includes(code))) return permanent(why)
  const mayHaveArrived = !errors.every(({ code }) => code !== undefined && THROTTLED_CODES.includes(code))
  return { kind: 'retry', code: 'UPSTREAM_ERROR', why, mayHaveArrived, countsAgainstHost: false }
}

function readErrors(value: JsonValue | undefined): GraphqlError[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MAX_GRAPHQL_ERRORS).map((entry) => {
    const error = isObject(entry) ? entry : {}
    const code = isObject(error.extensions) ? error.extensions.code : undefined
    return {
      message:
        typeof error.message === 'string' ? error.message.slice(0, 1000) : 'an error without a message',
      ...(typeof code === 'string' && { code: code.slice(0, 128) }),
    }
  })
}

function describeError({ message, code }: GraphqlError): string {
  return code ? `${message} (${code})` : message
}

function permanent(why: string): HttpPermanent {
  return { kind: 'permanent', code: 'UPSTREAM_ERROR', why }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The beginning of a text answer: it often says what was wrong. */
function snippet(answer: HttpAnswer): string {
  if (!/json|text|xml/i.test(answer.headers['content-type'] ?? '')) return ''
  const text = Buffer.from(answer.body.subarray(0, 4 * SNIPPET_CHARACTERS))
    .toString()
    .replace(/\s+/g, ' ')
    .trim()
  return text === '' ? '' : `: ${text.slice(0, SNIPPET_CHARACTERS)}`
}
