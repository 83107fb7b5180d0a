import fc from 'fast-check'
import t from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import type { SEVERITIES } from '#schemas/watch-rule.ts'
import { alertFromEvent } from '../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  percentilesOf,
  summariseMonitor,
} from '../../../../services/agents/video/alerting/summarise-monitor.ts'
import { eventOf, ruleOf } from './alerting-fixture.ts'

t.test('percentiles are values that were measured', async (t) => {
  t.strictSame(percentilesOf([5]), { p50: 5, p95: 5, p99: 5, max: 5 })
  const values = Array.from({ length: 100 }, (_, i) => 100 - i)
  t.strictSame(percentilesOf(values), { p50: 50, p95: 95, p99: 99, max: 100 })
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), (values) => {
      const { p50, p95, p99, max } = percentilesOf(values)
      return p50 <= p95 && p95 <= p99 && p99 <= max && [p50, p95, p99, max].every((v) => values.includes(v))
    }),
  )
})

t.test('a monitor is summed up with its alerts, most urgent first, and at most 200 of them', async (t) => {
  const of = (severity: (typeof SEVERITIES)[number], atMs: number) =>
    alertFromEvent(eventOf({ rule: ruleOf(severity), atMs }), cameraEventExample.atMs + 10)
  const alerts = [of('low', 1), of('critical', 9), of('high', 5), of('critical', 2)]
  const summary = summariseMonitor(MONITOR_INPUT, alerts)
  t.strictSame(summary.alertsBySeverity, { critical: 2, high: 1, medium: 0, low: 1 })
  t.strictSame(
    summary.alerts.map(({ severity, atMs }) => `${severity} ${atMs}`),
    ['critical 2', 'critical 9', 'high 5', 'low 1'],
  )
  t.strictSame(summary.frames, {
    decoded: 300,
    droppedAtCapture: 1,
    analysed: 297,
    late: 1,
    droppedAtDetection: 1,
  })
  t.strictSame(summary.latencyMs.alert, { p50: 10, p95: 10, p99: 10, max: 10 })
  const many = Array.from({ length: 250 }, (_, i) => of(i === 249 ? 'critical' : 'low', i))
  const long = summariseMonitor(MONITOR_INPUT, many)
  t.equal(long.alerts.length, 200)
  t.equal(long.alerts[0]?.severity, 'critical')
  t.equal(long.alertsBySeverity.low, 249, 'all of them are counted')
  t.notOk('alert' in summariseMonitor(MONITOR_INPUT, []).latencyMs)
})

const MONITOR_INPUT = {
  camera: 'yard',
  capture: {
    camera: 'yard',
    ended: 'end of source' as const,
    frames: { decoded: 300, droppedAtCapture: 1 },
    reconnects: 0,
    durationMs: 30_000,
  },
  tracking: {
    camera: 'yard',
    frames: { analysed: 297, late: 1, droppedAtDetection: 1 },
    detections: 512,
    tracks: { person: 3, vehicle: 1 },
    peak: { persons: 3, vehicles: 1 },
    mean: { persons: 1.4, vehicles: 0.3 },
    events: {},
    latencyMs: { p50: 31, p95: 52, p99: 60, max: 71 },
  },
}
