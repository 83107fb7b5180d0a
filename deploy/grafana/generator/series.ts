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

/** Of the servers, by their exporters: redis_exporter and prometheus-nats-exporter. */
const SERVER_SERIES = {
  redis_up: { type: 'gauge', labels: [] },
  redis_memory_used_bytes: { type: 'gauge', labels: [] },
  redis_memory_max_bytes: { type: 'gauge', labels: [] },
  redis_commands_processed_total: { type: 'counter', labels: [] },
  redis_evicted_keys_total: { type: 'counter', labels: [] },
  redis_aof_last_write_status: { type: 'gauge', labels: [] },
  gnatsd_varz_connections: { type: 'gauge', labels: ['server_id'] },
  gnatsd_varz_in_msgs: { type: 'counter', labels: ['server_id'] },
  gnatsd_varz_out_msgs: { type: 'counter', labels: ['server_id'] },
  gnatsd_varz_slow_consumers: { type: 'counter', labels: ['server_id'] },
  jetstream_server_total_message_bytes: { type: 'gauge', labels: ['server_id'] },
  jetstream_server_max_storage: { type: 'gauge', labels: ['server_id'] },
} as const satisfies Record<string, SeriesSpec>

/** Everything that a query may name, beside what recording rules make. */
export const SERIES = {
  ...METRICS,
  ...TRACE_SERIES,
  ...OTHER_SERIES,
  ...SERVER_SERIES,
} as const satisfies Record<string, SeriesSpec>

/** Labels that a series has from where it was scraped. */
export const TARGET_LABELS = ['job', 'instance', 'namespace', 'pod'] as const

export type SeriesName = keyof typeof SERIES
export type NameOf<Type extends Kind> = {
  [Name in SeriesName]: (typeof SERIES)[Name]['type'] extends Type ? Name : never
}[SeriesName]
export type LabelOf<Name extends SeriesName> =
  | (typeof SERIES)[Name]['labels'][number]
  | (typeof TARGET_LABELS)[number]
