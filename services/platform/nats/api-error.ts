import { JetStreamApiError } from '@nats-io/jetstream'

/** What JetStream answers instead of an acknowledgement. */
export interface ApiError {
  /** As in HTTP. */
  code: number
  err_code?: number
  description?: string
}

const STORE_FAILED = 10077
/** While a stream changes its leader: another server leads, the one that does is away, or the message is being stored already. */
const CHANGING_LEADER: readonly number[] = [10009, 10118, 10158]
/** Of the account (10002, 10028, 10047) and of the server (10023). */
const NO_RESOURCES: readonly number[] = [10002, 10023, 10028, 10047]

/** Full streams and servers, no leader (503) or another one, a disk that fails: all may be over in a moment. */
export function mayPass(error: ApiError): boolean {
  const { code, err_code = 0 } = error
  return code === 503 || err_code === STORE_FAILED || CHANGING_LEADER.includes(err_code) || isFull(error)
}

/** There is no room: in the stream, in one queue of it (both are 10077 and known by their text), or in the whole server. */
export function isFull({ err_code = 0, description = '' }: ApiError): boolean {
  return (
    NO_RESOURCES.includes(err_code) || /maximum (messages|bytes)( per subject)? exceeded/.test(description)
  )
}

/** There is no such stream, consumer or message. */
export function isNotFound(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.status === 404
}

/** What the client library throws, in the server's own words; undefined for everything that is no answer of JetStream. */
export function apiErrorOf(error: unknown): ApiError | undefined {
  if (!(error instanceof JetStreamApiError)) return undefined
  return { code: error.status, err_code: error.code, description: error.message }
}
