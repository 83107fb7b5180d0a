import fc from 'fast-check'
import t from 'tap'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { alertFromEvent, alertIdOf } from '../../../../../services/agents/video/alerting/alert-from-event.ts'
import {
  ALERT_KEYS,
  RedisAlertStore,
} from '../../../../../services/agents/video/alerting/history/redis-alert-store.ts'
import { withServers } from '../../../../support/servers.ts'
import { eventOf, openRedis, ruleOf } from '../alerting-fixture.ts'

const servers = await withServers(t)
const redis = await openRedis(t, servers.redisUrl)
const FLUSH = { name: 'testFlushAll', lua: "return redis.call('FLUSHALL')" }
const store = new RedisAlertStore(redis)
await store.markReady()

let cameras = 0
/** A camera that nobody has seen yet. */
const newCamera = () => `camera-${cameras++}`
const raise = (event: CameraEvent, raisedAtMs = event.atMs) =>
  store.raise(event, alertFromEvent(event, raisedAtMs))
const alertOf = async (event: CameraEvent) => (await store.read([alertIdOf(event.id)]))[0]?.alert

/** A subject whose rule comes true at these times. */
function repeats(cooldownMs: number, about: Partial<CameraEvent> = {}) {
  const camera = newCamera()
  return (atMs: number) =>
    eventOf({ camera, subject: 'zone-a', rule: ruleOf('high', { cooldownMs }), atMs, ...about })
}

t.test('the boundary of a cooldown: a millisecond less only counts', async (t) => {
  const at = repeats(60_000)
  const first = at(1_000_000)
  t.match(await raise(first), { kind: 'raised' })
  t.match(await raise(at(1_000_001)), { kind: 'counted', alertId: alertIdOf(first.id), first: true })
  t.match(await raise(at(1_059_999)), { kind: 'counted', alertId: alertIdOf(first.id) })
  t.match(
    await raise(at(1_060_000)),
    { kind: 'raised' },
    'a minute after it was raised, not after it was last seen',
  )
  t.match(await alertOf(first), { occurrences: 3, lastSeenAtMs: 1_059_999 })
})

t.test('what is late belongs to the alert that was raised before it was here', async (t) => {
  const at = repeats(60_000)
  await raise(at(1_000_000))
  t.match(await raise(at(940_001)), { kind: 'counted' })
  t.match(await raise(at(940_000)), { kind: 'raised' }, 'a minute before is an alert of its own')
  t.match(await raise(at(1_030_000)), { kind: 'counted' }, 'and does not move the cooldown back')
})

t.test('no cooldown: each event is an alert, each delivery is not', async (t) => {
  const at = repeats(0)
  const event = at(5)
  t.match(await raise(event), { kind: 'raised' })
  t.match(await raise(at(5)), { kind: 'raised' })
  t.match(await raise(event), { kind: 'again', stored: { published: false, snapshotSettled: false } })
})

t.test('other cameras, rules, subjects and monitors have cooldowns of their own', async (t) => {
  const base = { camera: newCamera(), subject: 'track-1', atMs: 1000, rule: ruleOf('high') }
  await raise(eventOf(base))
  for (const other of [
    { camera: newCamera() },
    { subject: 'track-2' },
    { rule: ruleOf('high', { id: 'other' }) },
    { monitor: 'other' },
  ])
    t.match(await raise(eventOf({ ...base, ...other })), { kind: 'raised' }, String(Object.keys(other)[0]))
  t.match(await raise(eventOf(base)), { kind: 'counted' })
})

t.test(
  'any order, any number of deliveries: what the rule of the cooldown says, each counted once',
  async () => {
    const step = fc.record({
      atMs: fc.integer({ min: 0, max: 3000 }),
      deliveries: fc.integer({ min: 1, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 0, max: 800 }),
        async (steps, cooldownMs) => {
          const monitor = `m-${cameras}`
          const at = repeats(cooldownMs, { monitor })
          const model = new Map<string, { occurrences: number; lastSeenAtMs: number }>()
          let last: { id: string; atMs: number } | undefined
          for (const { atMs, deliveries } of steps) {
            const event = at(atMs)
            const id = alertIdOf(event.id)
            const isCounted = last !== undefined && Math.abs(atMs - last.atMs) < cooldownMs
            const expected = isCounted ? ['counted', 'counted', 'counted'] : ['raised', 'again', 'again']
            for (let n = 0; n < deliveries; n++) {
              const result = await raise(event)
              if (result.kind !== expected[n]) return false
              if (result.kind === 'counted' && (result.first !== (n === 0) || result.alertId !== last?.id))
                return false
            }
            if (isCounted) {
              const counted = model.get(last!.id)!
              counted.occurrences++
              counted.lastSeenAtMs = Math.max(counted.lastSeenAtMs, atMs)
            } else {
              model.set(id, { occurrences: 1, lastSeenAtMs: atMs })
              if (!last || atMs > last.atMs) last = { id, atMs }
            }
          }
          const ids = await store.newest({ monitor }, 0, 100)
          const stored = await store.read(ids)
          const events = await store.eventsOf(monitor)
          return (
            ids.length === model.size &&
            stored.every((each) => {
              const expected = each && model.get(each.alert.id)
              return (
                expected?.occurrences === each?.alert.occurrences &&
                expected?.lastSeenAtMs === each?.alert.lastSeenAtMs
              )
            }) &&
            events.get('intrusion') === steps.length
          )
        },
      ),
      { numRuns: 60 },
    )
  },
)

t.test('many at once on the same subject: one alert, the others count', async (t) => {
  const at = repeats(60_000)
  const other = new RedisAlertStore(await openRedis(t, servers.redisUrl))
  const events = Array.from({ length: 40 }, (_, i) => at(1000 + i))
  const results = await Promise.all(
    events.map((event, i) => (i % 2 ? other : store).raise(event, alertFromEvent(event, 1000))),
  )
  t.equal(results.filter(({ kind }) => kind === 'raised').length, 1)
  t.equal(results.filter((result) => result.kind === 'counted' && result.first).length, 39)
})

t.test('from open to acknowledged to resolved, and no other way', async (t) => {
  const change = (
    id: string,
    status: 'acknowledged' | 'resolved',
    more: { by?: string; note?: string } = {},
  ) => store.change({ id, status, atMs: 77, ...more })
  const event = repeats(0)(10)
  const id = alertIdOf(event.id)
  t.strictSame(await change(id, 'resolved'), { kind: 'missing' })
  await raise(event)
  t.match(await change(id, 'acknowledged', { by: 'anna', note: 'on my way' }), {
    kind: 'changed',
    alert: { status: 'acknowledged', changedBy: 'anna', note: 'on my way', changedAtMs: 77 },
  })
  t.match(
    await change(id, 'acknowledged'),
    { kind: 'changed' },
    'nobody was told yet: it goes on where it was',
  )
  await store.markChangePublished(id, 'acknowledged')
  t.strictSame(await change(id, 'acknowledged'), { kind: 'conflict', status: 'acknowledged' })
  const resolved = await change(id, 'resolved')
  t.match(resolved, { kind: 'changed', alert: { status: 'resolved', note: 'on my way' } })
  t.notOk(resolved.kind === 'changed' && resolved.alert.changedBy, 'who resolved it is not known')
  await store.markChangePublished(id, 'resolved')
  for (const status of ['acknowledged', 'resolved'] as const)
    t.strictSame(await change(id, status), { kind: 'conflict', status: 'resolved' })

  const other = repeats(0)(11)
  await raise(other)
  t.match(await change(alertIdOf(other.id), 'resolved'), { kind: 'changed' }, 'without acknowledging')
  t.ok((await store.newest({ status: 'resolved' }, 0, 10)).includes(id))
  t.notOk((await store.newest({ status: 'open' }, 0, 1000)).includes(id))
})

t.test('what is noted about an alert that is gone brings nothing back', async (t) => {
  await store.markPublished('gone')
  await store.settleSnapshot('gone', undefined)
  t.strictSame(await store.read(['gone']), [undefined])
  t.strictSame(await redis.hgetall(ALERT_KEYS.alert('gone')), {}, 'nor a part of it')
})

t.test('the oldest go when there are too many', async (t) => {
  await redis.script(FLUSH, [], [])
  const small = new RedisAlertStore(redis, { keep: 5, keepMs: 60_000 })
  await small.markReady()
  const events = Array.from({ length: 9 }, (_, i) => eventOf({ monitor: 'small', atMs: i }))
  for (const [i, event] of events.entries()) await small.raise(event, alertFromEvent(event, 1_000_000 + i))
  const kept = events
    .slice(4)
    .map(({ id }) => alertIdOf(id))
    .toReversed()
  t.strictSame(await small.newest('all', 0, 100), kept)
  t.strictSame(await small.newest({ status: 'open' }, 0, 100), kept)
  t.strictSame(await small.newest({ monitor: 'small' }, 0, 100), kept)
  t.equal(await alertOf(events[3]!), undefined)
  const late = eventOf({ atMs: 1 })
  await small.raise(late, alertFromEvent(late, 1_070_000))
  t.strictSame(await small.newest('all', 0, 100), [alertIdOf(late.id)], 'and those that are too old')
})

t.test('without its marker the store writes nothing', async (t) => {
  await redis.script(FLUSH, [], [])
  const event = repeats(60_000)(1)
  t.equal(await store.isReady(), false)
  t.strictSame(await raise(event), { kind: 'unready' })
  t.strictSame(await store.change({ id: 'a', status: 'resolved', atMs: 1 }), { kind: 'unready' })
  t.strictSame(await store.newest('all', 0, 10), [])
  await store.markReady()
  t.match(await raise(event), { kind: 'raised' })
})

t.test('alerts that are put back have their state and their cooldown; what is newer stays', async (t) => {
  const at = repeats(60_000)
  const old = alertFromEvent(at(1_000_000), 1_000_040)
  await store.restore({ ...old, status: 'acknowledged', changedBy: 'anna', changedAtMs: 5, occurrences: 4 })
  t.match(await store.read([old.id]), [
    {
      published: true,
      snapshotSettled: true,
      alert: { status: 'acknowledged', changedBy: 'anna', occurrences: 4 },
    },
  ])
  t.match(await raise(at(1_059_999)), { kind: 'counted', alertId: old.id })
  await store.restore(old)
  t.match(
    await store.read([old.id]),
    [{ alert: { status: 'acknowledged', occurrences: 5 } }],
    'twice is once',
  )
  await store.restore({ ...old, status: 'resolved', changedBy: 'bert', changedAtMs: 9 })
  t.match(
    await store.read([old.id]),
    [{ alert: { status: 'resolved', changedBy: 'bert', occurrences: 5 } }],
    'what has become of it since is not lost with the writes of a server',
  )
  t.strictSame(await store.newest({ status: 'acknowledged' }, 0, 10), [])
  await store.restore({ ...old, status: 'acknowledged' })
  const newer = at(1_060_000)
  t.match(await raise(newer), { kind: 'raised' })
  await store.restore(old)
  t.match(await raise(at(1_110_000)), { kind: 'counted', alertId: alertIdOf(newer.id) })
  t.match(await store.newest({ status: 'resolved' }, 0, 10), [old.id])
})

t.test('a group is one alert, whichever of its events comes first, however often each comes', async (t) => {
  const camera = newCamera()
  const monitor = `group-${camera}`
  const event = (n: number, first = `e-${camera}-1`) =>
    eventOf({
      ...{ camera, monitor, id: `e-${camera}-${n}`, subject: `track-${n}`, atMs: 1000 + n },
      group: { id: first, subjects: n },
    })
  // The second before the first, each twice.
  const order = [2, 1, 3, 2, 1, 3]
  const kinds: string[] = []
  for (const n of order) kinds.push((await raise(event(n))).kind)
  t.strictSame(kinds, ['raised', 'counted', 'counted', 'again', 'counted', 'counted'])
  t.match(await alertOf(event(1)), { occurrences: 3, subjects: 3, lastSeenAtMs: 1003 })
  t.strictSame([...(await store.eventsOf(monitor)).values()], [3])
})
