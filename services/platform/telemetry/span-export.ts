import {
  type Context,
  type HrTime,
  type Link,
  type Span as OtelSpan,
  SpanKind as OtelSpanKind,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resources, tracing } from '@opentelemetry/sdk-node'
import { TIMED_OUT, withTimeout } from '../clock/promises.ts'
import { messageOf } from '../errors/murmur-error.ts'
import type { Log } from './logger.ts'
import { redactText } from './redact.ts'
import { ATTRIBUTES, type AttributeValue, type Span, type SpanKind, type TracingConfig } from './spans.ts'
import { formatTraceparent, newSpanId, newTrace, parseTraceparent, type SpanIdentity } from './traceparent.ts'

/** Longer than any hop on one machine, shorter than what a person waits at a terminal. */
const SHUTDOWN_MS = 1000
const EXPORT_TIMEOUT_MS = 5000
const MAX_QUEUED_SPANS = 8192

export interface StartOptions {
  kind?: SpanKind
  /** Its own identity, where that is already decided. */
  identity?: SpanIdentity
  /** The span it is a child of; without one it is a root. */
  above?: SpanIdentity | undefined
  /** The `traceparent` of spans of other traces. */
  links?: readonly string[] | undefined
  attributes?: Record<string, AttributeValue | undefined>
  startMs?: number
}

export interface RecordedSpan extends Span {
  end(error?: unknown, endMs?: number): void
}

/** Spans on their way to a collector. Only sampled ones come here. */
export interface SpanExport {
  start(name: string, options: StartOptions): RecordedSpan
  shutdown(): Promise<void>
}

const KINDS: Record<SpanKind, OtelSpanKind> = {
  internal: OtelSpanKind.INTERNAL,
  producer: OtelSpanKind.PRODUCER,
  consumer: OtelSpanKind.CONSUMER,
  client: OtelSpanKind.CLIENT,
  server: OtelSpanKind.SERVER,
}

/** Batches spans to an OTLP/HTTP collector. A batch that cannot be sent is dropped: tracing never slows work. */
export function createSpanExport(config: TracingConfig & { otlpEndpoint: string }, log?: Log): SpanExport {
  const ids = new DecidedIds()
  const provider = new tracing.BasicTracerProvider({
    idGenerator: ids,
    // Sampling was decided where the trace began.
    sampler: new tracing.AlwaysOnSampler(),
    resource: resources.resourceFromAttributes(resourceOf(config)),
    spanProcessors: [
      new tracing.BatchSpanProcessor(
        counted(
          new OTLPTraceExporter({
            url: `${config.otlpEndpoint.replace(/\/+$/, '')}/v1/traces`,
            timeoutMillis: EXPORT_TIMEOUT_MS,
          }),
          config.onExported,
        ),
        { maxQueueSize: MAX_QUEUED_SPANS, exportTimeoutMillis: EXPORT_TIMEOUT_MS },
      ),
    ],
  })
  const tracer = provider.getTracer('murmuration')
  return {
    start: (name, options) => startSpan(tracer, ids, name, options),
    shutdown: () => shutdownWithin(SHUTDOWN_MS, provider, log),
  }
}

/** What is said once for all spans; what an operator sets goes before what the service says of itself. */
export function resourceOf(config: TracingConfig): Record<string, string> {
  return {
    'service.namespace': 'murmuration',
    'service.name': config.service,
    'service.instance.id': config.instance,
    ...(config.version !== undefined && { 'service.version': config.version }),
    ...attributesIn(config.resourceAttributes),
    ...(config.serviceName !== undefined && { 'service.name': config.serviceName }),
  }
}

/** Pairs that are none are left out: a wrong label must not keep a service from starting. */
function attributesIn(text = ''): Record<string, string> {
  const pairs = text.split(',').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=')
    if (at < 1) return []
    try {
      return [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]]
    } catch {
      return []
    }
  })
  return Object.fromEntries(pairs)
}

/** The same exporter, which tells what became of its batches. */
function counted(
  exporter: tracing.SpanExporter,
  onExported: TracingConfig['onExported'] = () => {},
): tracing.SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        onExported(result.code === 0 ? 'sent' : 'failed', spans.length)
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}

function startSpan(tracer: Tracer, ids: DecidedIds, name: string, options: StartOptions): RecordedSpan {
  const { above, kind = 'internal' } = options
  ids.next = options.identity
  const span = tracer.startSpan(
    name,
    {
      kind: KINDS[kind],
      ...(options.attributes && { attributes: options.attributes }),
      // Consumers are children of the message's creation and linked to it, as the conventions ask.
      ...(((above && kind === 'consumer') || options.links) && { links: linksOf(options) }),
      ...(options.startMs !== undefined && { startTime: unixTime(options.startMs) }),
    },
    above ? contextBelow(above) : ROOT_CONTEXT,
  )
  ids.next = undefined
  return new ExportedSpan(span)
}

function linksOf({ above, kind, links = [] }: StartOptions): Link[] {
  const others = links.map(parseTraceparent).filter((link) => link !== undefined)
  const linked = above && kind === 'consumer' ? [above, ...others] : others
  return linked.map((identity) => ({ context: spanContextOf(identity) }))
}

class ExportedSpan implements RecordedSpan {
  readonly isRecorded = true
  readonly traceparent: string
  readonly #span: OtelSpan

  constructor(span: OtelSpan) {
    const { traceId, spanId } = span.spanContext()
    this.#span = span
    this.traceparent = formatTraceparent({ traceId, spanId, sampled: true })
  }

  setAttribute(name: string, value: AttributeValue): void {
    this.#span.setAttribute(name, value)
  }

  end(error?: unknown, endMs?: number): void {
    if (error !== undefined) {
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: redactText(messageOf(error)) })
      this.#span.setAttribute(ATTRIBUTES.errorType, errorTypeOf(error))
    }
    this.#span.end(endMs === undefined ? undefined : unixTime(endMs))
  }
}

/** Gives spans the identity that was handed on before they are told. Spans are started one at a time, synchronously. */
class DecidedIds implements tracing.IdGenerator {
  next: SpanIdentity | undefined

  generateTraceId(): string {
    return this.next?.traceId ?? newTrace(1).traceId
  }

  generateSpanId(): string {
    return this.next?.spanId ?? newSpanId()
  }
}

function contextBelow(above: SpanIdentity): Context {
  return trace.setSpanContext(ROOT_CONTEXT, spanContextOf(above))
}

function spanContextOf({ traceId, spanId }: SpanIdentity): SpanContext {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true }
}

/** Seconds and nanoseconds: a plain small number would be taken for a reading of performance.now. */
function unixTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
}

/** The stable code of our errors, else the class: low in number, as `error.type` has to be. */
function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

async function shutdownWithin(
  limitMs: number,
  provider: tracing.BasicTracerProvider,
  log: Log | undefined,
): Promise<void> {
  try {
    if ((await withTimeout(provider.shutdown(), limitMs)) === TIMED_OUT)
      log?.warn({ limitMs }, 'the last spans could not be sent in time')
  } catch (error) {
    log?.warn({ err: error }, 'the last spans could not be sent')
  }
}
