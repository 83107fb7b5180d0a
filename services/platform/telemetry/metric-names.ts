import { EDGE_METRICS } from './metric-table/edge-metrics.ts'
import { LOG_METRICS } from './metric-table/log-metrics.ts'
import { PROCESS_METRICS } from './metric-table/process-metrics.ts'
import { TASK_METRICS } from './metric-table/task-metrics.ts'
import { VIDEO_METRICS } from './metric-table/video-metrics.ts'

export type { MetricPart, MetricSpec } from './metric-table/metric-spec.ts'

import type { MetricSpec } from './metric-table/metric-spec.ts'

/**
 * Every metric. The first five have the names that users were promised; the others are `murmur_<what>_<unit>` in base
 * units. No ids as labels: each series costs memory here and in every Prometheus for as long as it is kept.
 */
export const METRICS = {
  ...TASK_METRICS,
  ...LOG_METRICS,
  ...EDGE_METRICS,
  ...VIDEO_METRICS,
  ...PROCESS_METRICS,
} as const satisfies Record<string, MetricSpec>

export type MetricName = keyof typeof METRICS
type NameOf<Type extends MetricSpec['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never
}[MetricName]
export type CounterName = NameOf<'counter'>
export type GaugeName = NameOf<'gauge'>
export type HistogramName = NameOf<'histogram'>

type OneTextEach<Labels extends readonly string[]> = { readonly [Index in keyof Labels]: string }
/** One text per label of the metric, in the order of the table. */
export type LabelValues<Name extends MetricName> = OneTextEach<(typeof METRICS)[Name]['labels']>
