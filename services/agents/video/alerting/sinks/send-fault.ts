import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { HttpRetry } from '#platform/http/http-outcome.ts'

/** Whatever kept an answer from coming may pass, an address that is not allowed too: with the next configuration. Pure. */
export function retryAfterError(error: unknown): HttpRetry {
  const isOurs = error instanceof MurmurError
  const why = isOurs ? `${error.code}: ${error.message}` : messageOf(error)
  return {
    kind: 'retry',
    code: isOurs ? error.code : 'INTERNAL',
    why,
    mayHaveArrived: true,
    countsAgainstHost: true,
  }
}
