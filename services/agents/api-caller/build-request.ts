import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { HttpRequest } from '#platform/http/http-client.ts'
import type { ApiCallRequest, HttpMethod, SecretRef, StatusPattern } from '#schemas/api-call.ts'

export interface BuiltRequest {
  request: Omit<HttpRequest, 'timeoutMs' | 'signal'>
  /** Scheme, host and port that it goes to first. */
  origin: string
  /** Whether sending it twice does no more than sending it once. */
  repeatable: boolean
}

const IDEMPOTENT: ReadonlySet<HttpMethod> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
const ACCEPT = { json: 'application/json', text: 'text/*, */*;q=0.5', binary: '*/*' } as const
const ACCEPT_GRAPHQL = 'application/graphql-response+json, application/json;q=0.9'

/** The request on the wire for a call. Pure: `secrets` has the values that the headers refer to. */
export function buildRequest(
  call: ApiCallRequest,
  secrets: ReadonlyMap<string, string>,
  idempotencyKey: string,
): BuiltRequest {
  const url = buildUrl(call)
  const method = methodOf(call)
  const { body, contentType } = buildBody(call)
  const headers: Record<string, string> = {
    'user-agent': 'murmuration-api-caller',
    accept: call.graphql ? ACCEPT_GRAPHQL : ACCEPT[call.accept],
    ...(contentType && { 'content-type': contentType }),
  }
  if (!IDEMPOTENT.has(method) && call.idempotencyKey !== false) {
    headers['idempotency-key'] = call.idempotencyKey ?? idempotencyKey
  }
  for (const [name, value] of Object.entries(call.headers ?? {})) {
    headers[name.toLowerCase()] = typeof value === 'string' ? value : withSecret(value, secrets)
  }
  return {
    request: {
      url: url.href,
      method,
      headers,
      body,
      maxBytes: call.maxBytes,
      keeps: (status) => isExpectedStatus(call, status),
    },
    origin: url.origin,
    repeatable: IDEMPOTENT.has(method) || headers['idempotency-key'] !== undefined,
  }
}

/** The secrets that the headers of a call refer to. Pure. */
export function secretNames(call: ApiCallRequest): string[] {
  return Object.values(call.headers ?? {}).flatMap((value) =>
    typeof value === 'string' ? [] : [value.$secret],
  )
}

/** The secret that stands in a header, whose name is given in lower case. Pure. */
export function secretOf(call: ApiCallRequest, header: string): string | undefined {
  const found = Object.entries(call.headers ?? {}).find(
    ([name, value]) => typeof value !== 'string' && name.toLowerCase() === header,
  )
  return found && (found[1] as SecretRef).$secret
}

export function methodOf(call: Pick<ApiCallRequest, 'method' | 'graphql'>): HttpMethod {
  return call.method ?? (call.graphql ? 'POST' : 'GET')
}

/** @throws MurmurError INVALID_STEP_INPUT */
export function buildUrl(call: ApiCallRequest): URL {
  const url = URL.parse(call.url)
  if (!url) throw new MurmurError('INVALID_STEP_INPUT', 'url is no absolute URL')
  for (const [name, values] of Object.entries(call.query ?? {})) {
    for (const value of [values].flat()) url.searchParams.append(name, String(value))
  }
  url.hash = ''
  return url
}

/** Whether a status counts as success. Pure. */
export function isExpectedStatus(call: { expect: readonly StatusPattern[] }, status: number): boolean {
  return call.expect.some((pattern) => pattern === status || pattern === `${Math.floor(status / 100)}xx`)
}

function buildBody(call: ApiCallRequest): { body: string | undefined; contentType?: string } {
  if (call.graphql) {
    const { query, variables, operationName } = call.graphql
    return { body: JSON.stringify({ query, variables, operationName }), contentType: 'application/json' }
  }
  if (!call.body) return { body: undefined }
  if ('json' in call.body) return { body: JSON.stringify(call.body.json), contentType: 'application/json' }
  return { body: call.body.text, contentType: call.body.contentType ?? 'text/plain; charset=utf-8' }
}

function withSecret(ref: SecretRef, secrets: ReadonlyMap<string, string>): string {
  const value = secrets.get(ref.$secret)
  if (value === undefined) throw new TypeError(`the secret ${ref.$secret} was not read`)
  return (ref.prefix ?? '') + value
}
