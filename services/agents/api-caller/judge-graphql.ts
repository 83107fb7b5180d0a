import { messageOf } from '#platform/errors/murmur-error.ts'
import type { HttpAnswer } from '#platform/http/http-client.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { GraphqlCall } from '#schemas/api-call.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { GraphqlError, Verdict } from './verdict.ts'

/** Turned away before any work was done. */
const THROTTLED = ['THROTTLED', 'RATE_LIMITED', 'RATELIMITED', 'TOO_MANY_REQUESTS']
const PASSING = [...THROTTLED, 'SERVICE_UNAVAILABLE', 'UNAVAILABLE', 'TIMEOUT', 'GATEWAY_TIMEOUT']
const MAX_ERRORS = 20
const NAMED_ERRORS = 3

/** What an answer means whose status is as wanted: GraphQL reports its errors inside. Pure. */
export function judgeGraphql(call: GraphqlCall, answer: HttpAnswer): Verdict {
  const { host } = answer.url
  let body: JsonValue
  try {
    body = parseBoundedJson(answer.body, { maxBytes: answer.body.length, numbers: 'nearest' })
  } catch (error) {
    return unusable(`${host} answered with something that is no GraphQL: ${messageOf(error)}`)
  }
  if (!isObject(body)) return unusable(`${host} answered with something that is no GraphQL`)
  const errors = readErrors(body.errors)
  const data = body.data ?? null
  if (errors.length === 0) {
    return body.data === undefined
      ? unusable(`${host} answered with neither data nor errors`)
      : { kind: 'done', answer, graphql: { data, errors } }
  }
  if (call.allowPartial && data !== null) return { kind: 'done', answer, graphql: { data, errors } }
  return judgeErrors(call, host, errors)
}

/** Worth another attempt only when every error may pass. */
function judgeErrors(call: GraphqlCall, host: string, errors: GraphqlError[]): Verdict {
  const why = `${host} answered with errors: ${errors.slice(0, NAMED_ERRORS).map(describe).join('; ')}`
  const passing = [...PASSING, ...(call.retryCodes ?? [])]
  if (!errors.every(({ code }) => code !== undefined && passing.includes(code))) return unusable(why)
  const mayHaveArrived = !errors.every(({ code }) => code !== undefined && THROTTLED.includes(code))
  return { kind: 'again', code: 'UPSTREAM_ERROR', why, mayHaveArrived, endpointIll: false }
}

function readErrors(value: JsonValue | undefined): GraphqlError[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MAX_ERRORS).map((entry) => {
    const error = isObject(entry) ? entry : {}
    const code = isObject(error.extensions) ? error.extensions.code : undefined
    return {
      message:
        typeof error.message === 'string' ? error.message.slice(0, 1000) : 'an error without a message',
      ...(typeof code === 'string' && { code: code.slice(0, 128) }),
    }
  })
}

function describe({ message, code }: GraphqlError): string {
  return code ? `${message} (${code})` : message
}

function unusable(why: string): Verdict {
  return { kind: 'fail', code: 'UPSTREAM_ERROR', why }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
