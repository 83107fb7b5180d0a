import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { HttpAnswer } from '#platform/http/http-client.ts'
import { parseRetryAfter } from '#platform/http/retry-after.ts'

/** What became of an attempt to hand something over. */
export type Verdict =
  | { kind: 'done' }
  /** It may pass. `ill`: it counts against the endpoint's health. `afterMs`: it asked for so long. */
  | { kind: 'again'; why: string; ill: boolean; afterMs?: number }
  /** It would be refused every time. */
  | { kind: 'drop'; why: string }

/** Client errors that are none of the request's: not in time, too early, too many. */
const MAY_PASS = new Set([408, 425, 429])

/** What an answer means. Redirects are refused: who signs must know whom it is for. Pure. */
export function judgeAnswer({ status, headers }: HttpAnswer, nowMs: number): Verdict {
  if (status >= 200 && status < 300) return { kind: 'done' }
  const why = `answered with status ${status}`
  if (status < 500 && !MAY_PASS.has(status)) return { kind: 'drop', why }
  const afterMs = parseRetryAfter(headers, nowMs)
  return { kind: 'again', why, ill: status >= 500, ...(afterMs !== undefined && { afterMs }) }
}

/** What it means that no answer came. All of it may pass, an address that is not allowed too: with the next configuration. */
export function judgeError(error: unknown): Verdict {
  const why = error instanceof MurmurError ? `${error.code}: ${error.message}` : messageOf(error)
  return { kind: 'again', why, ill: true }
}
