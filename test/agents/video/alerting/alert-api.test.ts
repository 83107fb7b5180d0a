import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Alert } from '#schemas/alert.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { createTestContext } from '#sdk/testing.ts'
import { SERVICES, TENANT_SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { createAlertingAgent } from '../../../../services/agents/video/alerting/agent.ts'
import { alertIdOf } from '../../../../services/agents/video/alerting/alert-from-event.ts'
import { RedisAlertStore } from '../../../../services/agents/video/alerting/history/redis-alert-store.ts'
import { decodeJpeg, encodeJpeg } from '../../../../services/agents/video/pictures/jpeg.ts'
import { until } from '../../../support/until.ts'
import {
  createAlertingWorld,
  eventOf,
  publishEvent,
  published,
  ruleOf,
  STORAGE_BYTES,
  startAlerting,
} from './alerting-fixture.ts'

const { servers, bus, redis, settled, list, change } = await createAlertingWorld(t)

t.test('acknowledge and resolve: told once, conflicts are problems', async (t) => {
  await Promise.all([startAlerting(t, servers), startAlerting(t, servers)])
  const events = [eventOf({ camera: 'desk' }), eventOf({ camera: 'desk', rule: ruleOf('low') })]
  for (const event of events) await publishEvent(bus, event)
  await settled()
  const id = alertIdOf(events[0]!.id)
  t.match(await change({ id, status: 'acknowledged', by: 'anna', note: 'mine' }), { status: 'acknowledged' })
  await t.rejects(change({ id, status: 'acknowledged' }), { code: 'ALERT_STATE_CONFLICT' })
  t.match(await change({ id, status: 'resolved', by: 'ben' }), { changedBy: 'ben', note: 'mine' })
  await t.rejects(change({ id, status: 'acknowledged' }), { code: 'ALERT_STATE_CONFLICT' })
  await t.rejects(change({ id: 'nobody', status: 'resolved' }), { code: 'ALERT_NOT_FOUND' })
  await t.rejects(change({ id, status: 'open' }), { code: 'INVALID_REQUEST' })
  await t.rejects(bus.request(SERVICES.listAlerts, '{"limit":', { timeoutMs: 5000 }), {
    code: 'MALFORMED_JSON',
  })
  await t.rejects(list({ limit: 501 }), { code: 'INVALID_REQUEST' })
  const changes = await published(bus, SUBJECTS.alertChange('default', 'desk'))
  t.match(
    changes.filter(({ body }) => body.change !== 'snapshot').map(({ body }) => body),
    [
      { change: 'acknowledged', data: { id, status: 'acknowledged' } },
      { change: 'resolved', data: { id, status: 'resolved' } },
    ],
  )
  const ids = (alerts: Alert[]) => alerts.map((alert) => alert.id)
  t.strictSame(ids(await list({ camera: 'desk', status: 'resolved' })), [id])
  t.strictSame(ids(await list({ camera: 'desk', severity: 'low' })), [alertIdOf(events[1]!.id)])
  t.equal((await list({ camera: 'desk', limit: 1 })).length, 1)
  t.strictSame(await list({ monitor: 'nobody' }), [])
})

t.test('pages and tenants: each alert once, and only to whom it belongs', async (t) => {
  await startAlerting(t, servers)
  const camera = 'paged'
  const events = Array.from({ length: 23 }, (_, i) =>
    eventOf({ camera, tenant: i % 3 === 0 ? 'north' : 'default' }),
  )
  await Promise.all(events.map((event) => publishEvent(bus, event)))
  await settled()
  for (const tenant of ['default', 'north']) {
    const subject = TENANT_SERVICES.of(tenant, SERVICES.listAlerts)
    const ask = async (about: object) =>
      (await bus.request(subject, { camera, ...about }, { timeoutMs: 5000 })) as {
        alerts: Alert[]
        nextCursor?: string
      }
    const seen: Alert[] = []
    let cursor: string | undefined
    do {
      const page: { alerts: Alert[]; nextCursor?: string } = await ask({
        limit: 5,
        ...(cursor && { cursor }),
      })
      seen.push(...page.alerts)
      cursor = page.nextCursor
      if (seen.length === 5) {
        await publishEvent(bus, eventOf({ camera, tenant }))
        await settled()
      }
    } while (cursor)
    const expected = events.filter((event) => event.tenant === tenant).map(({ id }) => alertIdOf(id))
    t.strictSame(
      seen.map(({ id }) => id).toSorted(),
      expected.toSorted(),
      `${tenant}: none twice, none missing`,
    )
    t.strictSame(
      seen.map(({ raisedAtMs }) => raisedAtMs),
      seen.map(({ raisedAtMs }) => raisedAtMs).toSorted((a, b) => b - a),
    )
    const sinceMs = seen[2]!.raisedAtMs
    const recent = (await ask({ sinceMs, limit: 500 })).alerts
    t.ok(recent.length >= 4 && recent.every((alert) => alert.raisedAtMs >= sinceMs))
    await t.rejects(ask({ cursor: 'bm9uZQ' }), { code: 'INVALID_REQUEST' })
  }
  const foreign = { id: alertIdOf(events[0]!.id), status: 'resolved' as const }
  await t.rejects(change(foreign), { code: 'ALERT_NOT_FOUND' })
  const own = TENANT_SERVICES.of('north', SERVICES.changeAlert)
  t.match(await bus.request(own, foreign, { timeoutMs: 5000 }), {
    alert: { status: 'resolved', tenant: 'north' },
  })
})

t.test('a list of long alerts ends before it would not fit into a message', async (t) => {
  await startAlerting(t, servers)
  const objects = Array.from({ length: 100 }, (_, id) => ({ ...eventOf().objects[0]!, id }))
  const events = Array.from({ length: 120 }, () => eventOf({ camera: 'long', objects, rule: ruleOf('low') }))
  await Promise.all(events.map((event) => publishEvent(bus, event)))
  await settled()
  const alerts = await list({ camera: 'long', limit: 500 })
  t.ok(alerts.length > 40 && alerts.length < 120, `${alerts.length} alerts`)
})

/** A capture that still has the frames that a test gives it. */
function serveFrames(t: Tap, monitor: string, jpeg: Uint8Array) {
  const asked: unknown[] = []
  const end = bus.serveSubject(
    SUBJECTS.monitorSnapshot(monitor),
    ({ data }) => {
      const request = JSON.parse(Buffer.from(data).toString()) as { seq: number }
      asked.push(request)
      if (request.seq < 10) throw new MurmurError('INVALID_REQUEST', 'that frame is gone')
      return jpeg
    },
    { queue: 'capture' },
  )
  t.teardown(end)
  return asked
}
type Tap = Parameters<typeof startAlerting>[0]

t.test('the snapshot has what the alert is about drawn into it', async (t) => {
  const jpeg = await encodeJpeg({ width: 320, height: 240, rgb: new Uint8Array(320 * 240 * 3).fill(90) })
  const asked = serveFrames(t, 'with-frames', jpeg)
  await bus.flush()
  const { deps } = await startAlerting(t, servers)
  const frame = { epoch: 5, seq: 17, capturedAtMs: systemClock.nowMs() }
  const event = eventOf({ camera: 'seen', monitor: 'with-frames', frame })
  const gone = eventOf({ camera: 'seen', monitor: 'with-frames', frame: { ...frame, seq: 2 } })
  const { frame: _none, ...offline } = eventOf({ camera: 'seen', monitor: 'with-frames', objects: [] })
  for (const each of [event, gone, offline as CameraEvent]) await publishEvent(bus, each)
  await until('it has its snapshot', async () =>
    (await list({ camera: 'seen' })).some(({ snapshot }) => snapshot),
  )
  await until(
    'it was told',
    async () => (await published(bus, SUBJECTS.alertChange('default', 'seen'))).length === 1,
  )
  const [change] = await published(bus, SUBJECTS.alertChange('default', 'seen'))
  t.match(change?.body, { change: 'snapshot', data: { id: alertIdOf(event.id) } })
  t.strictSame(asked[0], { epoch: 5, seq: 17 })
  const ref = change?.body.data.snapshot
  if (!ref) return t.fail('there is no reference')
  t.match(ref, { contentType: 'image/jpeg', name: /^critical-gate-access-a[0-9a-f]+\.jpg$/ })
  t.ok(ref.blob.startsWith('monitors/with-frames/'))
  const blobs = await bus.objects.create({ storageBytes: STORAGE_BYTES })
  const drawn = await decodeJpeg(await blobs.get(ref))
  // The left edge of the box, at half its height, in the colour of the severity.
  const at = (120 * 320 + 64) * 3
  const [red, green] = [drawn.rgb[at]!, drawn.rgb[at + 1]!]
  t.ok(red > 150 && red > green + 60, `${red} ${green}`)
  await until('the others are settled', async () =>
    /murmur_alert_snapshots_total{outcome="missing"} 2/.test(await deps.metrics.expose()),
  )
  const without = (await list({ camera: 'seen' })).filter(({ snapshot }) => !snapshot)
  t.equal(without.length, 2)
})

t.test('the last step waits for the events of its monitor and sums up', async (t) => {
  const monitor = 'summed'
  const ended: string[] = []
  const agent = createAlertingAgent({
    bus,
    store: new RedisAlertStore(redis),
    monitorEnds: async (id, reason) => void ended.push(`${id}: ${reason}`),
    clock: systemClock,
  })
  const rule = ruleOf('high')
  const events = [
    eventOf({ camera: 'sum', monitor, subject: 'a', atMs: 1000, rule }),
    eventOf({ camera: 'sum', monitor, subject: 'a', atMs: 2000, rule }),
    eventOf({ camera: 'sum', monitor, subject: 'b', atMs: 3000, rule: ruleOf('critical') }),
  ]
  const input = agent.input.parse({
    camera: 'sum',
    capture: {
      camera: 'sum',
      ended: 'stopped',
      frames: { decoded: 9, droppedAtCapture: 0 },
      reconnects: 0,
      durationMs: 9,
    },
    tracking: {
      camera: 'sum',
      frames: { analysed: 9, late: 0, droppedAtDetection: 0 },
      detections: 9,
      tracks: { person: 1, vehicle: 0 },
      peak: { persons: 1, vehicles: 0 },
      mean: { persons: 1, vehicles: 0 },
      events: { 'rule-high': 2, 'rule-critical': 1 },
      latencyMs: { p50: 1, p95: 1, p99: 1, max: 1 },
    },
  })
  // As in a monitor: its events are stored before its tracker ends, but nobody may have dealt with them yet.
  for (const event of events) await publishEvent(bus, event)
  const running = agent.handle(input, createTestContext({ taskId: monitor }))
  const { deps } = await startAlerting(t, servers)
  const outcome = await running
  if (outcome.kind !== 'done') return t.fail('it did not end well')
  t.match(outcome.output, {
    ended: 'stopped',
    alertsBySeverity: { critical: 1, high: 1, medium: 0, low: 0 },
    alerts: [{ subject: 'b' }, { subject: 'a', occurrences: 2 }],
    latencyMs: { alert: { p50: Number } },
  })
  t.strictSame(agent.output.parse(outcome.output), outcome.output)
  t.match(await deps.metrics.expose(), /murmur_alerts_raised_total{severity="critical"} 1/)
})
