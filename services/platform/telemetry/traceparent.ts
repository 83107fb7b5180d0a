import { randomFillSync } from 'node:crypto'

/** What a W3C `traceparent` header says. */
export interface SpanIdentity {
  /** 32 lower-case hex digits, not all zero. */
  traceId: string
  /** 16 lower-case hex digits, not all zero. */
  spanId: string
  sampled: boolean
}

/** The header name, in NATS messages as in HTTP. */
export const TRACEPARENT_HEADER = 'traceparent'

const LENGTH = 55
const SHAPE = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?=-|$)/
/** A later version may append fields; nobody needs kilobytes for that. */
const MAX_LENGTH = 512
const TRACE_ID_AT = 3
const SPAN_ID_AT = 36

/**
 * Reads a `traceparent` as W3C Trace Context demands it, whatever is sent: version 00 has exactly four fields, a later
 * one may have more, ff is none, ids of zeros are invalid. Undefined when it is no good: a new trace is started then.
 */
export function parseTraceparent(header: string | undefined): SpanIdentity | undefined {
  if (header === undefined || header.length < LENGTH || header.length > MAX_LENGTH) return undefined
  if (!SHAPE.test(header)) return undefined
  return header.length !== LENGTH && header.startsWith('00') ? undefined : identityIn(header)
}

/** As this code writes it. */
const OWN_SHAPE = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$/

/** What is handed on of a header: the header itself, most of the time; undefined when it is no good. */
export function normalTraceparent(header: string | undefined): string | undefined {
  if (header !== undefined && header.length === LENGTH && OWN_SHAPE.test(header)) return header
  const identity = parseTraceparent(header)
  return identity && formatTraceparent(identity)
}

/** The same of one that is known to be valid. */
export function identityIn(traceparent: string): SpanIdentity {
  return {
    traceId: traceparent.slice(TRACE_ID_AT, TRACE_ID_AT + 32),
    spanId: traceparent.slice(SPAN_ID_AT, SPAN_ID_AT + 16),
    sampled: isSampled(traceparent),
  }
}

/** Writes version 00: the only one this code knows the meaning of. */
export function formatTraceparent(identity: SpanIdentity): string {
  return `00-${identity.traceId}-${identity.spanId}-${identity.sampled ? '01' : '00'}`
}

/** Whether a `traceparent` that is known to be valid is sampled. Looks at one character: for hot paths. */
export function isSampled(traceparent: string): boolean {
  const digit = traceparent.charCodeAt(LENGTH - 1)
  // The code of `0` is even, and that of `a` (10) is odd.
  return ((digit < 0x3a ? digit : digit + 1) & 1) === 1
}

const TRACE_BYTES = 16
const SPAN_BYTES = 8
// Asking the system for random bytes costs a microsecond whatever the number, so they are fetched in bulk.
const pool = Buffer.allocUnsafe(24 * 512)
let used = pool.length

/**
 * A new trace. The decision hangs on the trace id alone, so that everyone who sees the id and knows the ratio
 * decides alike.
 */
export function newTrace(ratio: number): SpanIdentity {
  const at = take(TRACE_BYTES + SPAN_BYTES)
  // The low 6 bytes of the id as a fraction of their range.
  const fraction = pool.readUIntBE(at + TRACE_BYTES - 6, 6) / 2 ** 48
  return {
    traceId: hex(at, TRACE_BYTES),
    spanId: hex(at + TRACE_BYTES, SPAN_BYTES),
    sampled: fraction < ratio,
  }
}

/** A new span id. */
export function newSpanId(): string {
  return hex(take(SPAN_BYTES), SPAN_BYTES)
}

function take(bytes: number): number {
  if (used + bytes > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const at = used
  used += bytes
  return at
}

function hex(at: number, bytes: number): string {
  // The lowest bit is set: an id of zeros would be invalid.
  pool[at + bytes - 1]! |= 1
  return pool.toString('hex', at, at + bytes)
}
