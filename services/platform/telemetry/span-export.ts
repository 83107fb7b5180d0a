import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { systemClock } from '../clock/clock.ts'
import { TIMED_OUT, withTimeout } from '../clock/promises.ts'
import { messageOf } from '../errors/murmur-error.ts'
import type { Log } from './logger.ts'
import { redactText } from './redact.ts'
import { SpanBatches } from './span-batches.ts'
import { ATTRIBUTES, type AttributeValue, type Span, type SpanKind, type TracingConfig } from './spans.ts'
import { formatTraceparent, newSpanId, newTrace, parseTraceparent, type SpanIdentity } from './traceparent.ts'

/** Longer than any hop on one machine, shorter than what a person waits at a terminal. */
const SHUTDOWN_MS = 1000
const EXPORT_TIMEOUT_MS = 5000
const MAX_QUEUED_SPANS = 8192
/** Half a second of a busy orchestrator that records one task in twenty; writing it holds the event loop for 2 ms. */
const BATCH_SPANS = 512
const BATCH_DELAY_MS = 5000

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

/** As OpenTelemetry's API counts them. */
const KINDS: Record<SpanKind, number> = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 }
const STATUS = { unset: 0, error: 2 } as const
const SAMPLED = 1

type ReadableSpan = Parameters<OTLPTraceExporter['export']>[0][number]

/**
 * Batches spans to an OTLP/HTTP collector, by OpenTelemetry's exporter, which heeds its variables for headers, certificates and compression.
 * The spans themselves are ours: a tracer of the SDK does for each what was decided here before, for twice the time. A batch that
 * cannot be sent is dropped: tracing never slows work.
 */
export function createSpanExport(config: TracingConfig & { otlpEndpoint: string }, log?: Log): SpanExport {
  const exporter = new OTLPTraceExporter({
    url: `${config.otlpEndpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  })
  const source: SpanSource = {
    resource: { attributes: resourceOf(config) },
    instrumentationScope: { name: 'murmuration' },
  }
  const batches = new SpanBatches<ExportedSpan>(
    {
      // The exporter reads nothing of spans and resources but what these have.
      export: (spans, done) =>
        exporter.export(spans as unknown as ReadableSpan[], ({ code }) => done(code === 0)),
    },
    {
      onExported: config.onExported,
      maxQueued: MAX_QUEUED_SPANS,
      maxBatch: BATCH_SPANS,
      delayMs: BATCH_DELAY_MS,
    },
  )
  const add = (span: ExportedSpan) => batches.add(span)
  const flush = async () => {
    await batches.flush()
    await exporter.shutdown()
  }
  return {
    start: (name, options) => new ExportedSpan(name, options, source, add),
    shutdown: () => shutdownWithin(SHUTDOWN_MS, flush, log),
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

/** What all spans of a process have in common. */
interface SpanSource {
  readonly resource: { readonly attributes: Readonly<Record<string, string>> }
  readonly instrumentationScope: { readonly name: string }
}

interface SpanContext {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
  readonly isRemote?: boolean
}

/** Seconds and nanoseconds. */
type HrTime = [seconds: number, nanoseconds: number]
const NONE: readonly never[] = []

/** A span, and what the exporter reads of one. */
class ExportedSpan implements RecordedSpan {
  readonly isRecorded = true
  readonly name: string
  readonly kind: number
  readonly resource: SpanSource['resource']
  readonly instrumentationScope: SpanSource['instrumentationScope']
  readonly parentSpanContext: SpanContext | undefined
  readonly startTime: HrTime
  endTime: HrTime
  readonly attributes: Record<string, AttributeValue> = {}
  readonly links: readonly { context: SpanContext }[]
  readonly events = NONE
  readonly droppedAttributesCount = 0
  readonly droppedEventsCount = 0
  readonly droppedLinksCount = 0
  status: { code: number; message?: string } = { code: STATUS.unset }
  readonly #context: SpanContext
  readonly #startMs: number
  /** Of the clock that is not set: durations are exact where the beginning was not told. */
  readonly #beganAtMs: number | undefined
  readonly #add: (span: ExportedSpan) => void
  #isEnded = false

  constructor(name: string, options: StartOptions, source: SpanSource, add: (span: ExportedSpan) => void) {
    const { above, attributes, identity, kind = 'internal', startMs } = options
    this.name = name
    this.kind = KINDS[kind]
    this.resource = source.resource
    this.instrumentationScope = source.instrumentationScope
    this.#context = {
      traceId: identity?.traceId ?? above?.traceId ?? newTrace(1).traceId,
      spanId: identity?.spanId ?? newSpanId(),
      traceFlags: SAMPLED,
    }
    this.parentSpanContext = above && contextOf(above)
    this.links = linksOf(this.parentSpanContext, options)
    this.#beganAtMs = startMs === undefined ? systemClock.monotonicMs() : undefined
    this.#startMs = startMs ?? systemClock.nowMs()
    this.startTime = unixTime(this.#startMs)
    this.endTime = this.startTime
    this.#add = add
    for (const key in attributes) {
      const value = attributes[key]
      if (value !== undefined) this.attributes[key] = value
    }
  }

  get traceparent(): string {
    const { traceId, spanId } = this.#context
    return formatTraceparent({ traceId, spanId, sampled: true })
  }

  spanContext(): SpanContext {
    return this.#context
  }

  setAttribute(name: string, value: AttributeValue): void {
    this.attributes[name] = value
  }

  end(error?: unknown, endMs?: number): void {
    if (this.#isEnded) return
    this.#isEnded = true
    if (error !== undefined) {
      this.status = { code: STATUS.error, message: redactText(messageOf(error)) }
      this.attributes[ATTRIBUTES.errorType] = errorTypeOf(error)
    }
    this.endTime = unixTime(endMs ?? Math.max(this.#startMs, this.#nowMs()))
    this.#add(this)
  }

  #nowMs(): number {
    if (this.#beganAtMs === undefined) return systemClock.nowMs()
    return this.#startMs + systemClock.monotonicMs() - this.#beganAtMs
  }
}

/** Consumers are children of the message's creation and linked to it, as the conventions ask. */
function linksOf(
  parent: SpanContext | undefined,
  { kind, links = NONE }: StartOptions,
): readonly { context: SpanContext }[] {
  const others = links.map(parseTraceparent).filter((link) => link !== undefined)
  const linked = others.map((identity) => ({ context: contextOf(identity) }))
  return parent && kind === 'consumer' ? [{ context: parent }, ...linked] : linked
}

function contextOf({ traceId, spanId }: SpanIdentity): SpanContext {
  return { traceId, spanId, traceFlags: SAMPLED, isRemote: true }
}

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
  flush: () => Promise<void>,
  log: Log | undefined,
): Promise<void> {
  try {
    if ((await withTimeout(flush(), limitMs)) === TIMED_OUT)
      log?.warn({ limitMs }, 'the last spans could not be sent in time')
  } catch (error) {
    log?.warn({ err: error }, 'the last spans could not be sent')
  }
}
