import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { ErrorCode } from '#schemas/problem.ts'

/** Why a call brought no answer, and whether the service may have got the request all the same. */
export class HttpCallError extends MurmurError {
  /** False only when it is certain that nothing was sent: then even a request with effects can be repeated. */
  readonly mayHaveArrived: boolean

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; mayHaveArrived: boolean }) {
    super(code, message, { cause: options.cause })
    this.mayHaveArrived = options.mayHaveArrived
  }
}

/** There was no connection, so there was no request. */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
])

/**
 * What a library threw, as one of our errors. Its own text stays in the cause: it may quote headers.
 * `hops`: redirects followed before, each of which was a request that arrived.
 */
export function toHttpCallError(error: unknown, about: { host: string; hops: number }): MurmurError {
  if (error instanceof MurmurError) return error
  const code = codeOf(error)
  const mayHaveArrived = about.hops > 0 || !BEFORE_SENDING.has(code)
  const options = { cause: error, mayHaveArrived }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new HttpCallError('LIMIT_EXCEEDED', `${about.host} sent too large headers`, options)
  }
  if (TIMEOUTS.has(code) || (error instanceof Error && error.name === 'TimeoutError')) {
    return new HttpCallError('UPSTREAM_TIMEOUT', `${about.host} did not answer in time`, options)
  }
  return new HttpCallError('UPSTREAM_ERROR', `the call of ${about.host} broke off: ${code}`, options)
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown reason'
}
