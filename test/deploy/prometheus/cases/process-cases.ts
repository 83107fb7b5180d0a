import type { AlertCase } from '../alert-case.ts'

const FIRST = { job: 'orchestrator', instance: 'orchestrator-1:9090' }
const SECOND = { job: 'orchestrator', instance: 'orchestrator-2:9090' }
const of = (name: string, labels: Record<string, string>) =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')}}`
const DAY_S = 86_400
const spans = (outcome: string) => `murmur_spans_total{job="orchestrator",outcome="${outcome}"}`

export const PROCESS_CASES: readonly AlertCase[] = [
  { alert: 'TargetDown', labels: SECOND, gauges: { [of('up', SECOND)]: [1, 0] } },
  {
    alert: 'JobDown',
    labels: { job: 'edge' },
    gauges: { 'up{job="edge",instance="edge:9090"}': [1, 0] },
    also: ['TargetDown{job="edge",instance="edge:9090"}'],
  },
  {
    alert: 'NotReady',
    labels: { ...FIRST, check: 'partitions' },
    gauges: { [of('murmur_ready', { ...FIRST, check: 'partitions' })]: [1, 0] },
  },
  {
    alert: 'EventLoopLate',
    labels: FIRST,
    gauges: {
      [of('murmur_event_loop_delay_seconds', { ...FIRST, stat: 'p99' })]: [0.25, 0.26],
      [of('murmur_event_loop_delay_seconds', { ...FIRST, stat: 'max' })]: [3, 3],
    },
  },
  { alert: 'ClockSkewed', labels: FIRST, gauges: { [of('murmur_clock_skew_seconds', FIRST)]: [-1, -1.1] } },
  {
    alert: 'ScrapeErrors',
    labels: FIRST,
    counters: { [of('murmur_scrape_errors_total', FIRST)]: [0.5, 1] },
    minutes: 35,
  },
  {
    alert: 'RestartsOften',
    labels: SECOND,
    gauges: {
      [of('process_start_time_seconds', SECOND)]: [
        (minute) => Math.floor(minute / 11),
        (minute) => 100 + Math.floor(minute / 5),
        1000,
      ],
    },
    minutes: 35,
  },
  ...['murmur_partitions_owned', 'murmur_intake_depth', 'murmur_build_info'].map((metric): AlertCase => {
    const all: Record<string, Record<string, string>[]> = {
      murmur_partitions_owned: [FIRST, SECOND],
      murmur_intake_depth: [{ job: 'orchestrator' }],
      murmur_build_info: [{ ...FIRST, version: '0.1.0' }],
    }
    return {
      alert: 'TelemetryMissing',
      labels: { metric },
      gauges: Object.fromEntries(all[metric]!.map((labels) => [of(metric, labels), [1, '_']])),
      // Fewer than 16 are owned in this case, which is the point of neither.
      ...(metric === 'murmur_partitions_owned' && {
        gauges: { [of(metric, FIRST)]: [8, '_'] as const, [of(metric, SECOND)]: [8, '_'] as const },
      }),
    }
  }),
  {
    alert: 'SpansFail',
    labels: { job: 'orchestrator' },
    counters: {
      [spans('sent')]: [95, 90],
      [spans('failed')]: [5, 10],
      'traces_span_metrics_calls_total{}': [95, 90],
    },
    minutes: 35,
  },
  {
    alert: 'SpanMetricsMissing',
    counters: { [spans('sent')]: [10, 10], 'traces_span_metrics_calls_total{}': [10, 0] },
    minutes: 35,
  },
  {
    alert: 'CertificateExpires',
    labels: { use: 'edge' },
    // The clock of promtool begins at 0.
    gauges: {
      'murmur_certificate_expiry_timestamp_seconds{use="edge"}': [14.1 * DAY_S, 13.9 * DAY_S, 365 * DAY_S],
    },
  },
  {
    alert: 'CertificateExpiresNow',
    labels: { use: 'nats' },
    gauges: {
      'murmur_certificate_expiry_timestamp_seconds{use="nats"}': [20 * DAY_S, 1.9 * DAY_S, 365 * DAY_S],
    },
    also: ['CertificateExpires{use="nats"}'],
  },
  {
    alert: 'BackupTooOld',
    gauges: { 'murmur_backup_timestamp_seconds{}': [-25.5 * 3600, -26 * 3600, 3600] },
  },
]
