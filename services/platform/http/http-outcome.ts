import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { ErrorCode } from '#schemas/problem.ts'
import { HttpCallError } from './http-call-error.ts'
import type { HttpAnswer } from './http-client.ts'
import { parseRetryAfter } from './retry-after.ts'

/** What one HTTP call means for whoever may repeat it. */
export type HttpOutcome = HttpDone | HttpRetry | HttpPermanent

export interface HttpDone {
  kind: 'done'
}

/** It may pass. */
export interface HttpRetry {
  kind: 'retry'
  code: ErrorCode
  why: string
  /** The service asked for so long. */
  afterMs?: number
  /** Whether the request may have had its effect, so that repeating it needs an idempotency key. */
  mayHaveArrived: boolean
  /** Whether a circuit breaker counts it as a failure of the host. */
  countsAgainstHost: boolean
}

/** It would be the same every time. */
export interface HttpPermanent {
  kind: 'permanent'
  code: ErrorCode
  why: string
}

export interface ClassifyOptions {
  /** For dates in `Retry-After`. Epoch milliseconds. */
  nowMs: number
  /** Statuses that count as success; by default 2xx. */
  isSuccess?: (status: number) => boolean
  /** Which server errors may pass: those that say so (500, 502, 503, 504), or every 5xx. By default the former. */
  serverErrors?: 'transient' | 'all'
}

/** Client errors that are none of the request's: not in time, too early, too many. */
const TRANSIENT_CLIENT_ERRORS = new Set([408, 425, 429])
const TRANSIENT_SERVER_ERRORS = new Set([500, 502, 503, 504])
/** Refused before any work was done on it. */
const NOT_PROCESSED = new Set([425, 429])

/** What the status of an answer means. A redirect that was not followed is permanent. Pure. */
export function classifyAnswer(
  { status, headers }: Pick<HttpAnswer, 'status' | 'headers'>,
  { nowMs, isSuccess = isOk, serverErrors = 'transient' }: ClassifyOptions,
): HttpOutcome {
  if (isSuccess(status)) return { kind: 'done' }
  const about = { code: 'UPSTREAM_ERROR', why: `answered with status ${status}` } as const
  const isTransient =
    TRANSIENT_CLIENT_ERRORS.has(status) ||
    TRANSIENT_SERVER_ERRORS.has(status) ||
    (serverErrors === 'all' && status >= 500)
  if (!isTransient) return { kind: 'permanent', ...about }
  const afterMs = parseRetryAfter(headers, nowMs)
  return {
    kind: 'retry',
    ...about,
    ...(afterMs !== undefined && { afterMs }),
    mayHaveArrived: !NOT_PROCESSED.has(status),
    countsAgainstHost: status >= 500,
  }
}

/**
 * What an error of the HTTP client means: no answer may pass; an address or a size that is not allowed does not.
 * @throws the error itself when it is none of the client's
 */
export function classifyError(error: unknown): HttpRetry | HttpPermanent {
  if (!(error instanceof MurmurError)) throw error
  const { code, message: why } = error
  if (error instanceof HttpCallError && code !== 'LIMIT_EXCEEDED') {
    return { kind: 'retry', code, why, mayHaveArrived: error.mayHaveArrived, countsAgainstHost: true }
  }
  return { kind: 'permanent', code, why }
}

function isOk(status: number): boolean {
  return status >= 200 && status < 300
}
