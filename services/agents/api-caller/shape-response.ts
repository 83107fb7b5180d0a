import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { HttpAnswer } from '#platform/http/http-client.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { ApiCallRequest, ApiCallResponse } from '#schemas/api-call.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { AgentBlobs } from '#sdk/index.ts'
import type { AttemptDone } from './attempt-outcome.ts'

/** Larger texts and values go to the object store, whatever was asked for. */
const INLINE_BYTES = 1024 * 1024
const JSON_TYPE = 'application/json'

type Content = Pick<ApiCallResponse, 'json' | 'text' | 'blob' | 'errors'>

/**
 * The output for an answer that is as wanted.
 * @throws MurmurError UPSTREAM_ERROR when the body is not what was asked for
 */
export async function shapeResponse(
  call: ApiCallRequest,
  { answer, graphql }: AttemptDone,
  blobs: AgentBlobs,
): Promise<Omit<ApiCallResponse, 'attempts' | 'durationMs'>> {
  const content = graphql
    ? {
        ...(await shapeJson(pick(call, graphql.data), blobs)),
        ...(graphql.errors.length > 0 && { errors: graphql.errors }),
      }
    : await shapeBody(call, answer, blobs)
  return {
    status: answer.status,
    url: answer.url.origin + answer.url.pathname,
    headers: answer.headers,
    bytes: answer.body.length,
    ...content,
  }
}

async function shapeBody(call: ApiCallRequest, answer: HttpAnswer, blobs: AgentBlobs): Promise<Content> {
  const { body } = answer
  const contentType = answer.headers['content-type']?.trim().slice(0, 128) || 'application/octet-stream'
  if (body.length === 0 && call.pick === undefined) return {}
  if (call.accept === 'json') return shapeJson(pick(call, parseAnswer(answer, contentType)), blobs)
  if (call.accept === 'binary' || body.length > INLINE_BYTES)
    return { blob: await blobs.put(body, { contentType }) }
  return { text: decodeText(body, contentType) }
}

/** Values that are a little large are moved to the object store by the runner, where consumers don't notice. */
async function shapeJson(value: JsonValue, blobs: AgentBlobs): Promise<Content> {
  const bytes = Buffer.from(JSON.stringify(value))
  return bytes.length > INLINE_BYTES
    ? { blob: await blobs.put(bytes, { contentType: JSON_TYPE }) }
    : { json: value }
}

function parseAnswer(answer: HttpAnswer, contentType: string): JsonValue {
  try {
    return parseBoundedJson(answer.body, { maxBytes: answer.body.length, numbers: 'nearest' })
  } catch (cause) {
    const what = `${answer.url.host} answered with ${contentType} that is not read as JSON`
    throw new MurmurError('UPSTREAM_ERROR', `${what}: ${messageOf(cause)}`, { cause })
  }
}

function pick(call: ApiCallRequest, value: JsonValue): JsonValue {
  if (call.pick === undefined) return value
  const part = readJsonPointer(value, call.pick)
  if (part === undefined) throw new MurmurError('UPSTREAM_ERROR', `the answer has nothing at ${call.pick}`)
  return part
}

function decodeText(bytes: Uint8Array, contentType: string): string {
  const charset = /charset="?([\w.:-]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch (error) {
    // A charset that nobody knows: most of any text is readable as UTF-8.
    if (error instanceof RangeError) return new TextDecoder().decode(bytes)
    throw error
  }
}

/** The part of a value that a JSON pointer (RFC 6901) names; undefined when it is not there. Pure. */
export function readJsonPointer(value: JsonValue, pointer: string): JsonValue | undefined {
  let part: JsonValue | undefined = value
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(part)) part = /^(0|[1-9]\d{0,9})$/.test(key) ? part[Number(key)] : undefined
    else if (typeof part === 'object' && part !== null && Object.hasOwn(part, key)) part = part[key]
    else return undefined
  }
  return part
}
