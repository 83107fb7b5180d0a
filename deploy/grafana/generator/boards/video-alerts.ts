import {
  EventsPerSecond,
  OpsPerSecond,
  PercentUnit,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { figure, graph, heatmapOf, type Panel } from '../panels.ts'
import { buckets, increase, max, orZero, quantile, rate } from '../promql.ts'
import { ofServiceLevel } from '../recorded.ts'

const QUANTILES = [0.5, 0.95, 0.99] as const
/** Of frame and alert: docs/alerting.md. */
const FRESH = { warning: 0.25, critical: 0.5 }
const none = { name: 'sink', value: 'none' }

export const LATENCY: readonly Panel[] = [
  graph({
    title: 'From frame to track',
    description: 'From the capture of a frame to the tracks in it.',
    unit: Seconds,
    width: 8,
    limits: FRESH,
    queries: QUANTILES.map((q) => ({
      expr: quantile(q, 'murmur_track_latency_seconds'),
      legend: `P${q * 100}`,
    })),
  }),
  graph({
    title: 'From frame to alert, P95 by severity',
    description:
      'From the capture of the frame to its alert. The service level is 500 ms for 95 % of all alerts.',
    unit: Seconds,
    width: 8,
    limits: FRESH,
    queries: [
      {
        expr: orZero(quantile(0.95, 'murmur_alert_latency_seconds', { by: ['severity'] }), {
          name: 'severity',
          value: 'none',
        }),
        legend: '{{severity}}',
      },
    ],
  }),
  heatmapOf({
    title: 'How old alerts are',
    description:
      'From frame to alert. Each column is a moment, each cell a range of durations; the brighter, the more alerts.',
    unit: Seconds,
    width: 8,
    queries: [{ expr: buckets('murmur_alert_latency_seconds'), legend: '{{le}}' }],
  }),
]

export const ALERTS: readonly Panel[] = [
  graph({
    title: 'Alerts by severity',
    description: 'That were raised.',
    unit: EventsPerSecond,
    width: 8,
    stacked: true,
    queries: [{ expr: rate('murmur_alerts_raised_total', { by: ['severity'] }), legend: '{{severity}}' }],
  }),
  graph({
    title: 'Events that only counted',
    description: 'Because an alert about the same subject was raised within its cooldown.',
    unit: EventsPerSecond,
    width: 8,
    stacked: true,
    queries: [{ expr: rate('murmur_alerts_suppressed_total', { by: ['severity'] }), legend: '{{severity}}' }],
  }),
  graph({
    title: 'Events of rules by kind',
    description: 'Rules of monitors that came true.',
    unit: EventsPerSecond,
    width: 8,
    stacked: true,
    queries: [{ expr: rate('murmur_camera_events_total', { by: ['kind'] }), legend: '{{kind}}' }],
  }),
  graph({
    title: 'Snapshots',
    description: 'Of alerts: stored, or missing because the frame was gone; and events that were none.',
    unit: OpsPerSecond,
    width: 8,
    queries: [
      { expr: rate('murmur_alert_snapshots_total', { by: ['outcome'] }), legend: '{{outcome}}' },
      { expr: rate('murmur_camera_events_rejected_total'), legend: 'events that were none' },
    ],
  }),
  figure({
    title: 'Alert freshness, of the last hour',
    description: 'Share of the alerts of the last hour that came later than 500 ms.',
    unit: PercentUnit,
    width: 8,
    height: 8,
    limits: { warning: 0.03, critical: 0.05 },
    queries: [
      { expr: ofServiceLevel('slo:errors_per_events:ratio_rate1h', 'alert-freshness'), legend: 'late' },
    ],
  }),
  figure({
    title: 'Alerts by severity, in the time shown',
    description: 'How many were raised.',
    unit: Short,
    width: 8,
    height: 8,
    queries: [{ expr: increase('murmur_alerts_raised_total', { by: ['severity'] }), legend: '{{severity}}' }],
  }),
]

export const SINKS: readonly Panel[] = [
  graph({
    title: 'Handed to sinks',
    description: 'Alerts that a webhook, Slack or PagerDuty took.',
    unit: OpsPerSecond,
    width: 6,
    queries: [
      {
        expr: orZero(rate('murmur_alert_sink_deliveries_total', { by: ['sink'] }), none),
        legend: '{{sink}}',
      },
    ],
  }),
  graph({
    title: 'Attempts that failed',
    description: 'again: it is tried once more; dropped: the alert was given up for this sink.',
    unit: OpsPerSecond,
    width: 6,
    queries: [
      {
        expr: orZero(rate('murmur_alert_sink_failures_total', { by: ['sink', 'outcome'] }), none),
        legend: '{{sink}} {{outcome}}',
      },
    ],
  }),
  graph({
    title: 'How late sinks are told, P95',
    description: 'From the storing of an alert to its hand-over.',
    unit: Seconds,
    width: 6,
    limits: { warning: 5, critical: 60 },
    queries: [
      {
        expr: orZero(quantile(0.95, 'murmur_alert_sink_delay_seconds', { by: ['sink'] }), none),
        legend: '{{sink}}',
      },
    ],
  }),
  graph({
    title: 'Sinks left alone',
    description: 'Because they failed repeatedly: 1 while their circuit breaker is open.',
    unit: Short,
    width: 6,
    max: 1,
    limits: { critical: 1 },
    queries: [
      { expr: orZero(max('murmur_alert_sink_breaker_open', { by: ['sink'] }), none), legend: '{{sink}}' },
    ],
  }),
]
