import { invalidConfig } from '../config/read-config.ts'
import type { Log } from './logger.ts'
import type { SpanExport } from './span-export.ts'
import type { AttributeValue, Span, SpanKind, TracingConfig } from './spans.ts'
import { TraceSampler } from './trace-sampler.ts'
import {
  formatTraceparent,
  identityIn,
  isSampled,
  newSpanId,
  normalTraceparent,
  parseTraceparent,
} from './traceparent.ts'

export type { AttributeValue, Span, SpanKind, TracingConfig } from './spans.ts'

export interface SpanOptions {
  kind?: SpanKind
  /** The `traceparent` it came with; absent or invalid: a new trace starts here. A consumer is linked to it as well. */
  parent?: string | undefined
  /** The `traceparent` of spans that it has to do with, of other traces. */
  links?: readonly string[] | undefined
  attributes?: Record<string, AttributeValue | undefined>
  /** Unix ms; now when absent. */
  startMs?: number
}

/** A span that is told after the fact, under the identity that was handed on while it ran. */
export interface PastSpan {
  kind?: SpanKind
  /** Its own `traceparent`, from `startTraceparent`. */
  traceparent: string
  /** What it was a child of, where it was not the root. */
  parent?: string | undefined
  /** The `traceparent` of spans that it has to do with, of other traces. */
  links?: readonly string[] | undefined
  attributes?: Record<string, AttributeValue | undefined>
  startMs: number
  endMs: number
  error?: unknown
}

export interface Tracing {
  /**
   * Identity for a span that is recorded later, by `record`, maybe in another process: the child of `parent`,
   * or the root of a new trace. Valid and sampled even where no collector is set.
   */
  startTraceparent(parent?: string): string
  span(name: string, options?: SpanOptions): Span
  /** Whether spans of this trace are recorded here: what only serves to describe them need not be made where not. */
  records(traceparent: string | undefined): traceparent is string
  record(name: string, past: PastSpan): void
  /**
   * Sends what is left, for a second at most: a collector that cannot be reached must not hold up the exit.
   * A request that is still out then keeps the event loop busy, so a main ends with process.exit, as `runMain` does.
   */
  shutdown(): Promise<void>
}

/** Tracing of a process. The OpenTelemetry SDK is loaded only where there is a collector to send to. */
export async function createTracing(config: TracingConfig, log?: Log): Promise<Tracing> {
  if (config.otlpEndpoint === undefined) return new TraceparentTracing(new TraceSampler(config), undefined)
  const { createSpanExport } = await import('./span-export.ts').catch(explainMissing)
  const spanExport = createSpanExport({ ...config, otlpEndpoint: config.otlpEndpoint }, log)
  return new TraceparentTracing(new TraceSampler(config), spanExport)
}

/** Where agents are of a project of their own, the SDK is there only if its author has added it. */
function explainMissing(cause: unknown): never {
  if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause
  const message =
    'names a collector, but the packages that send to it are not installed: npm install @opentelemetry/api @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-http'
  throw invalidConfig([{ path: 'OTEL_EXPORTER_OTLP_ENDPOINT', message }])
}

class TraceparentTracing implements Tracing {
  readonly #sampler: TraceSampler
  readonly #export: SpanExport | undefined

  constructor(sampler: TraceSampler, spanExport: SpanExport | undefined) {
    this.#sampler = sampler
    this.#export = spanExport
  }

  startTraceparent(parent?: string): string {
    const above = parseTraceparent(parent)
    if (!above) return formatTraceparent(this.#sampler.newTrace())
    return formatTraceparent({ traceId: above.traceId, spanId: newSpanId(), sampled: above.sampled })
  }

  span(name: string, options: SpanOptions = {}): Span {
    const parent = normalTraceparent(options.parent)
    if (parent === undefined) {
      const root = this.#sampler.newTrace()
      if (!this.#export || !root.sampled) return new UnrecordedSpan(formatTraceparent(root))
      return this.#export.start(name, { ...options, identity: root })
    }
    if (!this.#export || !isSampled(parent)) return new UnrecordedSpan(parent)
    return this.#export.start(name, { ...options, above: identityIn(parent) })
  }

  records(traceparent: string | undefined): traceparent is string {
    return this.#export !== undefined && traceparent !== undefined && isSampled(traceparent)
  }

  record(name: string, past: PastSpan): void {
    if (!this.#export || !isSampled(past.traceparent)) return
    const identity = identityIn(past.traceparent)
    // It may have come with a request.
    const above = parseTraceparent(past.parent)
    const span = this.#export.start(name, { ...past, identity, above })
    span.end(past.error, past.endMs)
  }

  async shutdown(): Promise<void> {
    await this.#export?.shutdown()
  }
}

/** Does nothing but pass the identity on. */
class UnrecordedSpan implements Span {
  readonly isRecorded = false
  readonly traceparent: string

  constructor(traceparent: string) {
    this.traceparent = traceparent
  }

  setAttribute(): void {}

  end(): void {}
}
