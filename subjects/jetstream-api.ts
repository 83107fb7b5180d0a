import { BLOB_BUCKET } from './streams.ts'

/** Subjects of the server itself: its JetStream API, acknowledgements, and how an object store lies in its stream. */

/** A call of the JetStream API. */
export const api = (call: string) => `$JS.API.${call}`

/** Asks a consumer for messages. */
export const nextOf = (stream: string, consumer: string) => api(`CONSUMER.MSG.NEXT.${stream}.${consumer}`)

/**
 * The forms that the subjects of acknowledgements have (ADR-15). Each with its exact number of tokens: in the long forms wildcards
 * stand for domain and account, and with an open end they would fit the short form of another consumer.
 */
export function acknowledgements(stream: string, consumer: string): string[] {
  const counts = '*.*.*.*.*'
  return [
    `$JS.ACK.${stream}.${consumer}.${counts}`,
    `$JS.ACK.*.*.${stream}.${consumer}.${counts}`,
    `$JS.ACK.*.*.${stream}.${consumer}.${counts}.*`,
  ]
}

/** What the subject of an acknowledgement tells of a delivered message. */
export interface AckAddress {
  /** Times that it was delivered, this one included. */
  readonly deliveries: number
  /** In the stream. */
  readonly seq: number
  readonly consumerSeq: number
  /** When the broker stored it. Unix milliseconds. */
  readonly storedAtMs: number
  /** Messages of the consumer that come after it. */
  readonly pending: number
}

/**
 * Reads `$JS.ACK.<stream>.<consumer>.<deliveries>.<streamSeq>.<consumerSeq>.<timeNs>.<pending>`, or the longer form with domain and
 * account hash after `$JS.ACK` (ADR-15); undefined when it is neither. The time is cut to milliseconds as text: a number can't
 * hold that many nanoseconds.
 */
export function parseAckSubject(reply: string): AckAddress | undefined {
  const tokens = reply.split('.')
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined
  const at = tokens.length === 9 ? 4 : 6
  const address = {
    deliveries: Number(tokens[at]),
    seq: Number(tokens[at + 1]),
    consumerSeq: Number(tokens[at + 2]),
    storedAtMs: Number(tokens[at + 3]?.slice(0, -6)),
    pending: Number(tokens[at + 4]),
  }
  // Of each message of every stream: no list is made for it.
  const { deliveries, seq, consumerSeq, storedAtMs, pending } = address
  const isPlace = Number.isSafeInteger(seq) && Number.isSafeInteger(consumerSeq)
  const isTold = Number.isSafeInteger(deliveries) && Number.isSafeInteger(pending)
  return isPlace && isTold && Number.isSafeInteger(storedAtMs) ? address : undefined
}

const root = `$O.${BLOB_BUCKET.name}`

/** Where the parts of an object lie (ADR-20), literal beside wildcard. */
export const BUCKET = {
  stream: `OBJ_${BLOB_BUCKET.name}`,
  /** What is known of an object. */
  meta: (name: string) => `${root}.M.${base64Url(name)}`,
  metaAll: `${root}.M.*`,
  /** One piece: a subject of its own, so that it can be read by it and by nothing else. */
  piece: (id: string, index: number) => `${root}.C.${id}.${index}`,
  pieceAll: `${root}.C.*.*`,
  /** An object in pieces on one subject, as other tools store it. */
  whole: (id: string) => `${root}.C.${id}`,
  wholeAll: `${root}.C.*`,
} as const

/** With padding, as all clients of object stores write names. */
function base64Url(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
