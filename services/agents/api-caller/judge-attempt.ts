import { MurmurError } from '#platform/errors/murmur-error.ts'
import { HttpCallError } from '#platform/http/http-call-error.ts'
import type { HttpAnswer } from '#platform/http/http-client.ts'
import { parseRetryAfter } from '#platform/http/retry-after.ts'
import type { ApiCallRequest } from '#schemas/api-call.ts'
import { isWanted } from './build-request.ts'
import { judgeGraphql } from './judge-graphql.ts'
import type { Verdict } from './verdict.ts'

const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504])
/** Refused before any work was done on it. */
const REFUSED = new Set([425, 429])
const SNIPPET_CHARACTERS = 500

/** What an answer means. Pure. */
export function judgeAnswer(call: ApiCallRequest, answer: HttpAnswer, nowMs: number): Verdict {
  if (isWanted(call, answer.status)) {
    return call.graphql ? judgeGraphql(call.graphql, answer) : { kind: 'done', answer }
  }
  const why = `${answer.url.host} answered with status ${answer.status}${snippet(answer)}`
  if (!TRANSIENT.has(answer.status)) return { kind: 'fail', code: 'UPSTREAM_ERROR', why }
  const afterMs = parseRetryAfter(answer.headers, nowMs)
  return {
    kind: 'again',
    code: 'UPSTREAM_ERROR',
    why,
    ...(afterMs !== undefined && { afterMs }),
    mayHaveArrived: !REFUSED.has(answer.status),
    endpointIll: answer.status >= 500,
  }
}

/**
 * What an error of the HTTP client means.
 * @throws the error itself when it is none of the client's
 */
export function judgeError(error: unknown): Verdict {
  if (!(error instanceof MurmurError)) throw error
  const { code, message: why } = error
  if (error instanceof HttpCallError && code !== 'LIMIT_EXCEEDED') {
    return { kind: 'again', code, why, mayHaveArrived: error.mayHaveArrived, endpointIll: true }
  }
  return { kind: 'fail', code, why }
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
