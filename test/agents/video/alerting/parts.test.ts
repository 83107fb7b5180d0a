import fc from 'fast-check'
import t from 'tap'
import { alertCloudEventSchema, alertSchema } from '#schemas/alert.ts'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { SEVERITIES } from '#schemas/watch-rule.ts'
import {
  alertFromEvent,
  alertIdOf,
  cooldownKeyOf,
} from '../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  changedCloudEvent,
  raisedCloudEvent,
} from '../../../../services/agents/video/alerting/alert-publisher.ts'
import { readEvent } from '../../../../services/agents/video/alerting/intake/read-event.ts'
import { byUrgency, UrgencyQueue } from '../../../../services/agents/video/alerting/intake/urgency-queue.ts'
import { overlayOfAlert } from '../../../../services/agents/video/alerting/snapshots.ts'
import {
  percentilesOf,
  summariseMonitor,
} from '../../../../services/agents/video/alerting/summarise-monitor.ts'
import { eventOf, ruleOf } from './alerting-fixture.ts'

const urgency = fc.record({ severity: fc.constantFrom(...SEVERITIES), seq: fc.nat(1000) })

t.test('the queue always gives the most urgent one there is, whatever comes in between', async () => {
  const step = fc.oneof(urgency, fc.constant('pop' as const))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new UrgencyQueue<{ severity: (typeof SEVERITIES)[number]; seq: number }>()
      const model: { severity: (typeof SEVERITIES)[number]; seq: number }[] = []
      for (const each of steps) {
        if (each === 'pop') {
          model.sort(byUrgency)
          const expected = model.shift()
          const got = queue.pop()
          if ((expected && got && byUrgency(expected, got)) || !expected !== !got) return false
        } else {
          queue.push(each)
          model.push(each)
        }
      }
      return queue.size === model.length && queue.drain().length === model.length && queue.size === 0
    }),
  )
})

t.test('severity goes before age, age before nothing', async (t) => {
  const order = [
    { severity: 'low', seq: 1 },
    { severity: 'critical', seq: 9 },
    { severity: 'medium', seq: 2 },
    { severity: 'critical', seq: 3 },
    { severity: 'high', seq: 4 },
  ] as const
  t.strictSame(
    order.toSorted(byUrgency).map(({ severity, seq }) => `${severity} ${seq}`),
    ['critical 3', 'critical 9', 'high 4', 'medium 2', 'low 1'],
  )
})

t.test('events are read, and what is none is refused with its fault', async (t) => {
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value))
  const subject = 'cameras.events.yard'
  t.strictSame(readEvent(subject, bytes(cameraEventExample)), { event: cameraEventExample })
  const faults: [what: string, bytes: Uint8Array, fault: RegExp][] = [
    ['no JSON', Buffer.from('{'), /not JSON/],
    ['no UTF-8', Buffer.from([0xff, 0xfe]), /not UTF-8/],
    ['too deep', Buffer.from('['.repeat(40) + ']'.repeat(40)), /nested/],
    ['too large', bytes({ ...cameraEventExample, note: 'x'.repeat(70_000) }), /bytes/],
    [
      'no severity',
      bytes({ ...cameraEventExample, rule: { id: 'a', kind: 'crowd', cooldownMs: 0 } }),
      /severity/,
    ],
    [
      'a negative cooldown',
      bytes({ ...cameraEventExample, rule: ruleOf('low', { cooldownMs: -1 }) }),
      /cooldownMs/,
    ],
    ['another camera', bytes({ ...cameraEventExample, camera: 'door' }), /came on cameras\.events\.yard/],
    ['a camera with a dot', bytes({ ...cameraEventExample, camera: 'a.b' }), /no subject token/],
  ]
  for (const [what, data, fault] of faults) {
    const read = readEvent(subject, data)
    t.match('fault' in read ? read.fault : 'it was read', fault, what)
  }
})

t.test('an alert is made of its event, the same each time', async (t) => {
  const event = eventOf({ count: 3, direction: 'left-to-right' })
  const alert = alertFromEvent(event, cameraEventExample.atMs + 40)
  t.strictSame(alertSchema.parse(alert), alert)
  t.match(alert, { severity: 'critical', status: 'open', occurrences: 1, latencyMs: 40, count: 3 })
  t.equal(alert.id, alertIdOf(event.id))
  t.match(alert.id, /^a[0-9a-f]{23}$/)
  t.equal(alertFromEvent(event, cameraEventExample.atMs - 5).latencyMs, 0, 'clocks that disagree')
  const { frame: _frame, ...offline } = event
  t.notOk('latencyMs' in alertFromEvent(offline, 0), 'without a frame there is no latency')
})

t.test('what the cooldown goes by', async (t) => {
  const event = eventOf()
  const key = cooldownKeyOf(event)
  t.equal(cooldownKeyOf({ ...event, id: 'another', atMs: 0, message: 'again' } as typeof event), key)
  for (const other of [
    { camera: 'door' },
    { subject: 'zone-a' },
    { monitor: 'other' },
    { tenant: 'other' },
    { rule: { ...event.rule, id: 'other' } },
  ])
    t.not(cooldownKeyOf({ ...event, ...other }), key, String(Object.keys(other)[0]))
})

t.test('CloudEvents say who, what and when', async (t) => {
  const alert = alertFromEvent(eventOf({ id: 'x', subject: 'track-3' }), cameraEventExample.atMs + 40)
  const event = raisedCloudEvent(alert)
  t.strictSame(alertCloudEventSchema.parse(event), event)
  t.match(event, {
    id: alert.id,
    source: '/murmuration/default/monitors/kq3v9x/cameras/yard',
    subject: 'gate-access/track-3',
    time: new Date(cameraEventExample.atMs).toISOString(),
  })
  t.match(changedCloudEvent(alert, 'resolved', 0), {
    id: `${alert.id}:resolved`,
    type: 'murmuration.alert.changed',
    time: '1970-01-01T00:00:00.000Z',
  })
})

t.test('a snapshot shows what the alert is about', async (t) => {
  const zone = {
    id: 'gate',
    polygon: [
      [0, 0],
      [1, 0],
      [1, 1],
    ] as [number, number][],
  }
  const scene = overlayOfAlert(alertFromEvent(eventOf({ zone }), 0))
  t.match(scene, {
    zones: [{ id: 'gate', active: true }],
    boxes: [{ class: 'person', label: 'person 3 · 83 %', active: true }],
    caption: {
      title: 'Person entered gate',
      details: ['yard', 'gate-access (intrusion)', '2026-09-21 14:13:21 UTC'],
      severity: 'critical',
    },
  })
})

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
