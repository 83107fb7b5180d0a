import { METRICS } from '#platform/telemetry/metric-names.ts'

type Kind = 'counter' | 'gauge' | 'histogram'
interface SeriesSpec {
  type: Kind
  labels: readonly string[]
}

/** Of the connectors of the collector, made of every span before any is sampled away: deploy/otel-collector. */
const TRACE_SERIES = {
  traces_span_metrics_calls_total: {
    type: 'counter',
    labels: ['service_name', 'span_name', 'span_kind', 'status_code', 'error_type', 'murmur_outcome'],
  },
  traces_span_metrics_duration_milliseconds: {
    type: 'histogram',
    labels: ['service_name', 'span_name', 'span_kind', 'status_code', 'error_type', 'murmur_outcome'],
  },
  traces_service_graph_request_total: { type: 'counter', labels: ['client', 'server', 'connection_type'] },
  traces_service_graph_request_failed_total: {
    type: 'counter',
    labels: ['client', 'server', 'connection_type'],
  },
  traces_service_graph_request_server_seconds: {
    type: 'histogram',
    labels: ['client', 'server', 'connection_type'],
  },
} as const satisfies Record<string, SeriesSpec>

/** Of Node and of Prometheus itself. */
const OTHER_SERIES = {
  process_cpu_seconds_total: { type: 'counter', labels: [] },
  process_resident_memory_bytes: { type: 'gauge', labels: [] },
  nodejs_heap_size_used_bytes: { type: 'gauge', labels: [] },
  up: { type: 'gauge', labels: [] },
  ALERTS: { type: 'gauge', labels: ['alertname', 'alertstate', 'severity'] },
} as const satisfies Record<string, SeriesSpec>

/** Everything that a query may name, beside what recording rules make. */
export const SERIES = { ...METRICS, ...TRACE_SERIES, ...OTHER_SERIES } as const satisfies Record<
  string,
  SeriesSpec
>

/** Labels that a series has from where it was scraped. */
export const TARGET_LABELS = ['job', 'instance', 'namespace', 'pod'] as const

export type SeriesName = keyof typeof SERIES
export type NameOf<Type extends Kind> = {
  [Name in SeriesName]: (typeof SERIES)[Name]['type'] extends Type ? Name : never
}[SeriesName]
export type LabelOf<Name extends SeriesName> =
  | (typeof SERIES)[Name]['labels'][number]
  | (typeof TARGET_LABELS)[number]
