import { ReplyError } from 'ioredis'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'

/** Answers that tell of the state that the server is in, and not of the command: it is worth asking again. */
const NOT_NOW =
  /(?:^|-)(?:OOM|MISCONF|READONLY|LOADING|CLUSTERDOWN|MASTERDOWN|MOVED|ASK|TRYAGAIN|NOREPLICAS|UNBLOCKED|BUSY)\b|^ERR max number of clients/
/** What a script is told that finds keys of its slot gone: they are being moved to another node. */
const MOVED_MEANWHILE = /attempted to access a non local key in a cluster node/
/** Answers that tell of the connection, its rights or the state of scripts and keys in it, whatever the command holds. */
const REFUSED = /(?:^|-)(?:BUSYKEY|NOSCRIPT|NOAUTH|NOPERM|WRONGPASS|UNKILLABLE|EXECABORT|NOPROTO)\b/
/** The keys lie on another node: this is a cluster. */
const ELSEWHERE = /^(?:MOVED|ASK) \d/
const AGAIN_AFTER_MS = 1000
/** As ioredis says it. */
export const TIMED_OUT = 'Command timed out'

/**
 * What is thrown to services when a command failed: UNAVAILABLE when Redis does not answer, or answers that it can't serve now; what it
 * says about the command itself, and any fault of our own code, as it is.
 */
export function storeError(error: unknown): unknown {
  if (error instanceof TypeError || error instanceof RangeError) return error
  if (isReply(error) && !isNotNow(error)) return error
  return new MurmurError('UNAVAILABLE', `Redis does not serve: ${messageOf(error)}`, {
    cause: error,
    retryAfterMs: AGAIN_AFTER_MS,
  })
}

/** The server has answered, if only with a refusal. */
export function isReply(error: unknown): error is Error {
  return error instanceof ReplyError
}

/** The server has answered that it can't serve just now. */
export function isNotNow(error: unknown): boolean {
  return isReply(error) && (NOT_NOW.test(error.message) || MOVED_MEANWHILE.test(error.message))
}

/** The server has answered that it is a node of a cluster, and another one has the keys. */
export function isElsewhere(error: unknown): boolean {
  return isReply(error) && ELSEWHERE.test(error.message)
}

/** The server has refused the connection or its rights: what the command holds has no part in it. */
export function isRefused(error: unknown): boolean {
  return isReply(error) && REFUSED.test(error.message)
}
