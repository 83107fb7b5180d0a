import { METRICS, type MetricSpec } from '#platform/telemetry/metric-names.ts'

/** Families that are not ours, by who tells them. `process_*` is the exporter of Node; others are what programs of their kind tell. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  // Prometheus itself.
  up: ['job', 'instance'],
  ALERTS: ['alertname', 'alertstate', 'severity'],
  prometheus_rule_evaluation_failures_total: ['rule_group'],
  // Alertmanager 0.25.
  alertmanager_notifications_failed_total: ['integration'],
  // Node.
  process_start_time_seconds: [],
  process_cpu_seconds_total: [],
  process_resident_memory_bytes: [],
  // The connector span_metrics.
  traces_span_metrics_calls_total: [],
  // prometheus-nats-exporter: by its source, it can't be run here.
  jetstream_server_total_message_bytes: ['server_id', 'server_name', 'cluster', 'meta_leader'],
  jetstream_server_max_storage: ['server_id', 'server_name', 'cluster', 'meta_leader'],
  jetstream_server_total_streams: ['server_id', 'server_name', 'cluster', 'meta_leader'],
  gnatsd_varz_slow_consumers: ['server_id'],
  // redis_exporter 1.45.
  redis_up: [],
  redis_memory_used_bytes: [],
  redis_memory_max_bytes: [],
  redis_aof_enabled: [],
  redis_aof_last_write_status: [],
  redis_aof_last_bgrewrite_status: [],
  redis_evicted_keys_total: [],
  redis_cpu_sys_seconds_total: [],
  redis_cpu_user_seconds_total: [],
}
/** That every series has, or rules give. */
const COMMON = ['job', 'instance', 'le', 'slo', 'metric']
const WORDS = new Set(
  `sum max min avg count by without on ignoring group_left group_right and or unless bool offset rate increase deriv changes absent vector time abs clamp_min histogram_quantile label_replace max_over_time min_over_time sum_over_time avg_over_time`.split(
    ' ',
  ),
)
const HISTOGRAM = /_(bucket|count|sum)$/

interface Selector {
  name: string
  matchers: string
}

/** Metrics and labels of an expression that nobody tells: `name`, `name{label}`, `by (label)`. Pure. */
export function unknownIn(expression: string, recorded: ReadonlySet<string>): string[] {
  const { selectors, groupings } = partsOf(expression)
  const labels = labelsIn(expression, recorded)
  return [
    ...selectors.flatMap(({ name, matchers }) => {
      const known = labelsOf(name, recorded)
      if (!known) return [name]
      return [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)]
        .filter(([, label]) => !known.includes(label!) && !COMMON.includes(label!))
        .map(([, label]) => `${name}{${label}}`)
    }),
    ...groupings.filter((label) => !labels.has(label)).map((label) => `by (${label})`),
  ]
}

/** All labels that the metrics of an expression have. Pure. */
export function labelsIn(expression: string, recorded: ReadonlySet<string>): Set<string> {
  const { selectors } = partsOf(expression)
  return new Set([...COMMON, ...selectors.flatMap(({ name }) => labelsOf(name, recorded) ?? [])])
}

function partsOf(expression: string): { selectors: Selector[]; groupings: string[] } {
  const text = expression.replace(/"(?:[^"\\]|\\.)*"/g, '""')
  const groups = [...text.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)]
  const plain = text.replace(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, ' ').replace(/\[[^\]]*\]/g, ' ')
  return {
    selectors: [...plain.matchAll(/([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?/g)]
      .map(([, name, matchers = '']) => ({ name: name!, matchers }))
      .filter(({ name }) => !WORDS.has(name)),
    groupings: groups
      .flatMap(([, list]) => list!.split(',').map((label) => label.trim()))
      .filter((label) => label !== ''),
  }
}

function labelsOf(name: string, recorded: ReadonlySet<string>): readonly string[] | undefined {
  // The level of a recorded metric names its labels: agent_priority:…, slo:…
  if (recorded.has(name)) return name.split(':')[0]!.split('_')
  if (Object.hasOwn(METRICS, name)) return (METRICS[name as keyof typeof METRICS] as MetricSpec).labels
  const family = name.replace(HISTOGRAM, '')
  const spec = (METRICS as Record<string, MetricSpec>)[family]
  if (spec?.type === 'histogram') return spec.labels
  return FOREIGN[name]
}
