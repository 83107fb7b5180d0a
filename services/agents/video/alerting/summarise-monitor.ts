import { percentile } from '#platform/statistics/percentile.ts'
import type { Alert } from '#schemas/alert.ts'
import type { AlertingInput, MonitorSummary } from '#schemas/monitor-steps.ts'
import { compareSeverity } from '#schemas/watch-rule.ts'

const MAX_LISTED = 200

/** What came of a monitor. `alerts`: all of its alerts, in any order. Pure. */
export function summariseMonitor(
  { camera, capture, tracking }: AlertingInput,
  alerts: readonly Alert[],
): MonitorSummary {
  const latencies = alerts.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]))
  const count = (severity: Alert['severity']) => alerts.filter((alert) => alert.severity === severity).length
  return {
    schema: 'murmuration.monitor/1',
    camera,
    ended: capture.ended,
    ...(capture.reason !== undefined && { reason: capture.reason }),
    ...(capture.source && { source: capture.source }),
    ...(capture.recording && { recording: capture.recording }),
    durationMs: capture.durationMs,
    frames: { ...capture.frames, ...tracking.frames },
    reconnects: capture.reconnects,
    detections: tracking.detections,
    tracks: tracking.tracks,
    peak: tracking.peak,
    mean: tracking.mean,
    latencyMs: {
      tracked: tracking.latencyMs,
      ...(latencies.length > 0 && { alert: percentilesOf(latencies) }),
    },
    ...(tracking.model !== undefined && { model: tracking.model }),
    ...(tracking.modelWarning !== undefined && { modelWarning: tracking.modelWarning }),
    alertsBySeverity: {
      critical: count('critical'),
      high: count('high'),
      medium: count('medium'),
      low: count('low'),
    },
    // The more severe one first, of equals the earlier one.
    alerts: alerts
      .toSorted((a, b) => compareSeverity(a.severity, b.severity) || a.atMs - b.atMs)
      .slice(0, MAX_LISTED),
    ...(capture.clip && { clip: capture.clip }),
    ...(capture.clipFault !== undefined && { clipFault: capture.clipFault }),
  }
}

/** Nearest rank: each of them is a value that was measured. Pure. */
export function percentilesOf(values: readonly number[]): {
  p50: number
  p95: number
  p99: number
  max: number
} {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted.length === 0 ? 0 : percentile(sorted, share, 'nearest-rank'))
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
