import type { BusMessage } from './request-reply.ts'

/** How long whoever is asked may wait until the answer can be given, in milliseconds; whoever asks comes again. */
const HOLD_HEADER = 'Murmur-Hold-Ms'
/** Names a request: the same when it is asked again because no answer had come. */
const REQUEST_HEADER = 'Murmur-Request'
/** A client that says nothing of it: most libraries, and `nats req`, wait for 5 s. Milliseconds. */
const UNSAID_HOLD_MS = 4000
const REQUEST_ID = /^[A-Za-z0-9-]{8,64}$/

/** @param holdMs undefined: as long as for any client */
export function heldHeaders(requestId: string, holdMs: number | undefined): Record<string, string> {
  return { [REQUEST_HEADER]: requestId, ...(holdMs !== undefined && { [HOLD_HEADER]: String(holdMs) }) }
}

/** How long an answer may be waited for, as whoever asks says it: never longer than for those who say nothing. Milliseconds. */
export function holdMsOf({ header }: Pick<BusMessage, 'header'>): number {
  const said = header(HOLD_HEADER)
  if (said === undefined || !/^\d{1,6}$/.test(said)) return UNSAID_HOLD_MS
  return Math.min(UNSAID_HOLD_MS, Number(said))
}

/** What whoever asks calls the request; undefined for what has no such name. */
export function requestNameOf({ header }: Pick<BusMessage, 'header'>): string | undefined {
  const said = header(REQUEST_HEADER)
  return said !== undefined && REQUEST_ID.test(said) ? said : undefined
}
