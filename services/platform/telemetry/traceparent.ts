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
const SHAPE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?=-|$)/
/** A later version may append fields; nobody needs kilobytes for that. */
const MAX_LENGTH = 512
const ZERO_TRACE = '0'.repeat(32)
const ZERO_SPAN = '0'.repeat(16)

/**
 * Reads a `traceparent` as W3C Trace Context demands it, whatever is sent: version 00 has exactly four fields, a later
 * one may have more, ff is none, ids of zeros are invalid. Undefined when it is no good: a new trace is started then.
 */
export function parseTraceparent(header: string | undefined): SpanIdentity | undefined {
  if (header === undefined || header.length < LENGTH || header.length > MAX_LENGTH) return undefined
  const [, version, traceId, spanId, flags] = SHAPE.exec(header) ?? []
  if (!version || !traceId || !spanId || !flags || version === 'ff') return undefined
  if (version === '00' && header.length !== LENGTH) return undefined
  if (traceId === ZERO_TRACE || spanId === ZERO_SPAN) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** Writes version 00: the only one this code knows the meaning of. */
export function formatTraceparent(identity: SpanIdentity): string {
  return `00-${identity.traceId}-${identity.spanId}-${identity.sampled ? '01' : '00'}`
}

/** Whether a `traceparent` that is known to be valid is sampled. Looks at one character: for hot paths. */
export function isSampled(traceparent: string): boolean {
  return (traceparent.charCodeAt(LENGTH - 1) & 1) === 1
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
