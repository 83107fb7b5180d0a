import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { type Alert, alertCloudEventSchema } from '#schemas/alert.ts'
import { SEVERITIES } from '#schemas/watch-rule.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { alertIdOf } from '../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  type AlertPublisher,
  createAlertPublisher,
} from '../../../../services/agents/video/alerting/alert-publisher.ts'
import { openBus, openNats } from '../../../support/bus.ts'
import { provideQueues } from '../../../support/queues.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'
import {
  createAlertingWorld,
  eventOf,
  listAlerts,
  publishEvent,
  published,
  ruleOf,
  STORAGE_BYTES,
  startAlerting,
} from './alerting-fixture.ts'

const { servers, bus, settled, raisedOn, list, change, flushRedis } = await createAlertingWorld(t)

t.test('an event becomes an alert: in the stream, in the history, once', async (t) => {
  await startAlerting(t, servers)
  const event = eventOf({ camera: 'plain' })
  const heard: unknown[] = []
  const end = bus.subscribe('alerts.critical.>', ({ data }) =>
    heard.push(JSON.parse(Buffer.from(data).toString())),
  )
  await bus.flush()
  await publishEvent(bus, event)
  await until('it was heard', () => heard.length === 1)
  end()
  t.match(alertCloudEventSchema.parse(heard[0]), {
    id: alertIdOf(event.id),
    type: 'murmuration.alert.raised',
    data: {
      severity: 'critical',
      status: 'open',
      message: event.message,
      occurrences: 1,
      objects: event.objects,
    },
  })
  await settled()
  t.match(await list({ camera: 'plain' }), [{ id: alertIdOf(event.id), monitor: event.monitor }])
})

t.test('delivered again and again, by two instances: raised once, counted once', async (t) => {
  await Promise.all([startAlerting(t, servers), startAlerting(t, servers)])
  const events = Array.from({ length: 20 }, (_, i) =>
    eventOf({ camera: 'twice', subject: `track-${i % 5}`, atMs: 1_000_000 + i, rule: ruleOf('high') }),
  )
  // Another message id each time: the stream takes all of them.
  for (let n = 0; n < 4; n++)
    await Promise.all(events.map((event) => publishEvent(bus, event, `${event.id}:${n}`)))
  await settled()
  t.equal((await raisedOn('twice')).length, 5)
  const alerts = await list({ camera: 'twice' })
  t.strictSame(
    alerts.map(({ occurrences }) => occurrences),
    [4, 4, 4, 4, 4],
  )
})

/** A publisher that fails as long as it is told to. */
function unreliable(
  bus: Bus,
  fault: 'before' | 'after' | undefined,
): AlertPublisher & { heal(): void; calls: number } {
  const real = createAlertPublisher(bus)
  let broken = fault
  const publisher = {
    calls: 0,
    heal() {
      broken = undefined
    },
    async raised(alert: Alert) {
      publisher.calls++
      if (broken === 'before') throw new MurmurError('UNAVAILABLE', 'a fault of the test')
      await real.raised(alert)
      if (broken === 'after') throw new MurmurError('UNAVAILABLE', 'a fault of the test')
    },
    changed: real.changed,
    marked: real.marked,
    snoozed: real.snoozed,
    bookmarked: real.bookmarked,
  }
  return publisher
}

for (const fault of ['before', 'after'] as const) {
  t.test(`an instance that dies ${fault} publishing: another one finishes, and it is out once`, async (t) => {
    const camera = `crash-${fault}`
    const firstBus = await openBus(t, servers.natsUrl)
    const publisher = unreliable(firstBus, fault)
    const first = await startAlerting(t, servers, { publisher })
    const event = eventOf({ camera })
    await publishEvent(bus, event)
    await until('it was about to tell', () => publisher.calls > 0)
    await first.crash()
    t.equal((await raisedOn(camera)).length, fault === 'before' ? 0 : 1)
    await startAlerting(t, servers)
    await settled()
    t.strictSame(
      (await raisedOn(camera)).map(({ body }) => body.id),
      [alertIdOf(event.id)],
    )
    t.match(await list({ camera }), [{ occurrences: 1 }])
  })
}

t.test('found again long after the window of deduplication: looked up, not told twice', async (t) => {
  const camera = 'late'
  const publisher = unreliable(bus, 'after')
  const first = await startAlerting(t, servers, { publisher })
  await publishEvent(bus, eventOf({ camera }))
  await until('it was told', () => publisher.calls > 0)
  await first.crash()
  const later = { ...systemClock, nowMs: () => systemClock.nowMs() + STREAMS.alerts.duplicateWindowMs + 5000 }
  const ids: string[] = []
  const secondBus = await openBus(t, servers.natsUrl)
  const second: AlertPublisher = {
    ...createAlertPublisher(secondBus),
    async raised(alert) {
      ids.push(alert.id)
    },
  }
  await startAlerting(t, servers, { clock: later, publisher: second })
  await settled()
  t.strictSame(ids, [], 'nothing was told')
  t.equal((await raisedOn(camera)).length, 1)
})

t.test('a backlog of 500 mixed events is worked off by severity, then by age', async (t) => {
  const severityOf = (i: number) => SEVERITIES[(i * 7) % 4]!
  const events = Array.from({ length: 500 }, (_, i) =>
    eventOf({ camera: 'backlog', subject: `track-${i}`, atMs: 2_000_000 + i, rule: ruleOf(severityOf(i)) }),
  )
  await Promise.all(events.map((event) => publishEvent(bus, event)))
  const order: Alert[] = []
  const real = createAlertPublisher(bus)
  const publisher: AlertPublisher = {
    ...real,
    async raised(alert) {
      order.push(alert)
      await real.raised(alert)
    },
  }
  await startAlerting(t, servers, { publisher })
  await settled()
  t.equal(order.length, 500)
  const key = ({ severity, atMs }: Alert) => SEVERITIES.indexOf(severity) * 1000 + (atMs - 2_000_000)
  // Eight are in hand at the same time, and answers of the history come in any order.
  const expected = order.toSorted((a, b) => key(a) - key(b))
  const misplaced = order.filter((alert, i) => Math.abs(expected.indexOf(alert) - i) > 8)
  t.strictSame(misplaced.map(key), [])
  t.equal((await raisedOn('backlog')).length, 500)
})

t.test('what is no event goes to DEAD once, and the rest goes on', async (t) => {
  const { bus: own, deps } = await startAlerting(t, servers)
  const broken = [Buffer.from('{'), Buffer.from(JSON.stringify(eventOf({ camera: 'another' })))]
  for (const [i, data] of broken.entries())
    await bus.publisher.publish('cameras.events.default.broken', data, { msgId: `broken-${i}` })
  const good = eventOf({ camera: 'broken' })
  await publishEvent(bus, good)
  await settled()
  const { jsm } = await openNats(t, servers.natsUrl)
  const { state } = await jsm.streams.info(STREAMS.dead.name, { subjects_filter: 'dead.alerting' })
  t.strictSame(state.subjects, { 'dead.alerting': 2 })
  t.match(await deps.metrics.expose(), /murmur_camera_events_rejected_total 2/)
  t.equal((await raisedOn('broken')).length, 1)
  t.ok(own.connected)
})

t.test('an emptied Redis: history and cooldowns are made again from the stream', async (t) => {
  const { bus: own } = await startAlerting(t, servers)
  const rule = ruleOf('high')
  const event = eventOf({ camera: 'flushed', subject: 'zone-a', atMs: 5_000_000, rule })
  const second = eventOf({ camera: 'flushed', subject: 'zone-b', atMs: 5_000_000, rule })
  for (const each of [event, second]) await publishEvent(bus, each)
  await settled()
  await change({ id: alertIdOf(second.id), status: 'acknowledged', by: 'anna' })
  const before = await list({ camera: 'flushed' })

  await flushRedis()
  t.strictSame(await list({ camera: 'flushed' }), before, 'while it runs')
  await flushRedis()
  const again = eventOf({ camera: 'flushed', subject: 'zone-a', atMs: 5_030_000, rule })
  const later = eventOf({ camera: 'flushed', subject: 'zone-b', atMs: 5_060_000, rule })
  await publishEvent(bus, again)
  await publishEvent(bus, event, 'the first one once more')
  await publishEvent(bus, later)
  await settled()
  t.strictSame(
    (await raisedOn('flushed')).map(({ body }) => body.id),
    [event, second, later].map(({ id }) => alertIdOf(id)),
  )
  t.match(
    (await list({ camera: 'flushed' })).find(({ id }) => id === alertIdOf(second.id)),
    { status: 'acknowledged', changedBy: 'anna' },
  )
  t.ok(own.connected)

  await flushRedis()
  const { store } = await startAlerting(t, servers)
  t.equal(await store.isReady(), true, 'and at the start of an instance')
})

t.test('Redis away: events wait, and become alerts when it is back', async (t) => {
  const own = await withServers(t)
  const ownBus = await openBus(t, own.natsUrl)
  await provideQueues(t, ownBus)
  await ownBus.streams.provision({ partitions: 1, storageBytes: STORAGE_BYTES })
  await startAlerting(t, own)
  await own.killRedis()
  const events = Array.from({ length: 5 }, (_, i) => eventOf({ camera: 'away', subject: `track-${i}` }))
  for (const event of events) await publishEvent(ownBus, event)
  await t.rejects(listAlerts(ownBus, {}), { code: 'UNAVAILABLE' })
  t.equal((await published(ownBus)).length, 0)
  await own.restartRedis()
  await until('they are out', async () => (await published(ownBus)).length === 5, 15_000)
  t.equal((await listAlerts(ownBus, { camera: 'away' })).length, 5)
})

t.test('NATS killed in the middle: it goes on when it is back, none twice and none lost', async (t) => {
  const own = await withServers(t)
  const ownBus = await openBus(t, own.natsUrl)
  await provideQueues(t, ownBus)
  await ownBus.streams.provision({ partitions: 1, storageBytes: STORAGE_BYTES })
  await startAlerting(t, own)
  const events = Array.from({ length: 60 }, (_, i) => eventOf({ camera: 'killed', subject: `track-${i}` }))
  for (const event of events.slice(0, 30)) await publishEvent(ownBus, event)
  await own.killNats()
  const rest = events.slice(30).map((event) => publishEvent(ownBus, event))
  await own.restartNats()
  await Promise.all(rest)
  const ids = async () =>
    (await published(ownBus, SUBJECTS.alertsOfCamera('default', 'killed'))).map(({ body }) => body.id)
  await until('all are out', async () => (await ids()).length >= 60, 15_000)
  t.strictSame((await ids()).toSorted(), events.map(({ id }) => alertIdOf(id)).toSorted())
})
