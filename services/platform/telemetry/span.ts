export type AttributeValue = string | number | boolean
export type SpanKind = 'internal' | 'producer' | 'consumer' | 'client' | 'server'

/** A piece of work under way. When its trace is not sampled all of this costs next to nothing. */
export interface Span {
  /** Hand this on: what happens because of this span becomes its child. */
  readonly traceparent: string
  setAttribute(name: string, value: AttributeValue): void
  /** Once; with the error when it failed. */
  end(error?: unknown): void
}

export interface TracingConfig {
  service: string
  instance: string
  /** Share of new traces that are recorded, 0 to 1. */
  traceRatio: number
  otlpEndpoint?: string | undefined
}
