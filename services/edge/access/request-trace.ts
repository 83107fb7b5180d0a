import { systemClock } from '#platform/clock/clock.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { ATTRIBUTES, SPANS, type Span, spanError } from '#platform/telemetry/spans.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'

/** What requests of clients are measured with. */
export interface EdgeTelemetry {
  metrics: Metrics
  tracing: Tracing
}

export interface RequestTrace {
  /** Of the request: what is done for it is a child of it. */
  readonly traceparent: string
  /** It is answered when something else has ended: its time says nothing about the edge. */
  waits(): void
  /** Once, when it was answered. @param code OK, or that of its problem */
  end(code: string, error?: unknown): void
}

export interface RequestStart {
  transport: 'rest' | 'grpc'
  operation: string
  /** As the client sent it. */
  traceparent: string | undefined
  /** It stays open: its time says nothing. */
  isStream: boolean
  attributes?: Record<string, string | number | undefined>
}

/** The server's fault: a span that ends with one of these is a failed one, and the service was not available to its client. */
const SERVER_FAULT: ReadonlySet<string> = new Set([
  'INTERNAL',
  'UNAVAILABLE',
  'OVERLOADED',
  'BLOB_CORRUPT',
  'DEADLINE_EXCEEDED',
])

/** Begins a request at the edge: its span, a child of the client's where it names one, its count and its time. */
export function startRequest({ metrics, tracing }: EdgeTelemetry, start: RequestStart): RequestTrace {
  const { transport, operation, isStream } = start
  const startedMs = systemClock.monotonicMs()
  const span: Span = tracing.span(SPANS.request(operation), {
    kind: 'server',
    parent: start.traceparent,
    attributes: { ...start.attributes, 'murmur.operation': operation },
  })
  const streams = metrics.gauge('murmur_edge_streams').labels(transport)
  if (isStream) streams.inc()
  let hasEnded = false
  let hasWaited = isStream
  return {
    traceparent: span.traceparent,
    waits() {
      hasWaited = true
    },
    end(code, error) {
      if (hasEnded) return
      hasEnded = true
      if (isStream) streams.dec()
      if (!hasWaited) {
        const took = metrics.histogram('murmur_edge_request_duration_seconds').labels(transport, operation)
        took.observe((systemClock.monotonicMs() - startedMs) / 1000, span.traceparent, systemClock.nowMs())
      }
      metrics.counter('murmur_edge_requests_total').labels(transport, operation, code).inc()
      metrics.counter('murmur_edge_outcomes_total').labels(outcomeOf(code)).inc()
      if (code !== 'OK') span.setAttribute(ATTRIBUTES.errorType, code)
      span.end(SERVER_FAULT.has(code) ? (error ?? spanError({ code, message: code })) : undefined)
    },
  }
}

function outcomeOf(code: string): 'ok' | 'caller' | 'fault' {
  if (code === 'OK') return 'ok'
  return SERVER_FAULT.has(code) ? 'fault' : 'caller'
}
