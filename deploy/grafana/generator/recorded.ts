/**
 * What recording rules make, with the labels that are left: deploy/prometheus/rules/recording.yaml. They are of all that Prometheus
 * scrapes, so namespaces can't be told apart in them.
 */
export const RECORDED = {
  'slo:objective:ratio': ['slo'],
  'slo:events:rate5m': ['slo'],
  'slo:errors_per_events:ratio_rate5m': ['slo'],
  'slo:errors_per_events:ratio_rate30m': ['slo'],
  'slo:errors_per_events:ratio_rate1h': ['slo'],
  'slo:errors_per_events:ratio_rate6h': ['slo'],
  'slo:errors_per_events:ratio_rate1d': ['slo'],
  'slo:errors_per_events:ratio_rate30d': ['slo'],
  'slo:errors:increase1h': ['slo'],
  'slo:compliance:ratio_rate30d': ['slo'],
  'slo:error_budget_left:ratio_rate30d': ['slo'],
  'murmur:murmur_partitions_unowned:sum': [],
  'stream:murmur_stream_fill_of_mark:ratio': ['stream'],
} as const satisfies Record<string, readonly string[]>

export type RecordedName = keyof typeof RECORDED

/** A recorded series, without its name, so that several can be calculated with. */
export function recorded(name: RecordedName): string {
  const labels = RECORDED[name]
  return labels.length === 0 ? `max(${name})` : `max by (${labels.join(', ')}) (${name})`
}

/** Of one service level. */
export function ofServiceLevel(name: Extract<RecordedName, `slo:${string}`>, slo: string): string {
  return `max(${name}{slo="${slo}"})`
}
