import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createRedis } from '#platform/redis/redis.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { Places, type Visitor } from '../../../services/orchestrator/intake/places.ts'
import { PlacesFeed } from '../../../services/orchestrator/intake/places-feed.ts'
import { openBus } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
t.teardown(() => redis.close())

async function orchestrator(instance: string) {
  const bus = await openBus(t, servers.natsUrl)
  const places = new Places(instance)
  const feed = new PlacesFeed({ ...{ bus, redis, places, instance }, clock: systemClock, log: quietLog })
  await feed.start()
  t.teardown(() => feed.stop())
  return { bus, places, feed }
}

const visitor: Visitor = { tenant: 'north', key: 'a', isUnique: true }
const needs = new Map([['x 1 all', { units: 2, leftMs: 700 }]])
const nowMs = () => systemClock.monotonicMs()

t.test('a place that one has given the others know, until its owner has come to any of them', async (t) => {
  const [one, two] = [await orchestrator('one'), await orchestrator('two')]
  one.places.keep(visitor, needs, { waitMs: 60_000, nowMs: nowMs() })
  await until('it is heard of', () => two.places.size === 1)
  t.equal(two.places.view({ tenant: 'north' }, nowMs()).ahead('x 1 all'), 2)
  const untilMs = two.places.view({ tenant: 'north' }, nowMs()).untilLastMs('x 1 all')!
  t.ok(untilMs > 50_000 && untilMs <= 60_000, `${untilMs} ms`)
  t.equal(one.places.size, 1, 'its own word does not come back to it')
  two.places.take(visitor, nowMs())
  await until('it is heard that he came', () => one.places.size === 0)
  t.equal(two.places.size, 0)
})

t.test('an orchestrator that comes later knows the places that are kept', async (t) => {
  const first = await orchestrator('first')
  const other = { ...visitor, key: 'b' }
  for (const who of [visitor, other]) first.places.keep(who, needs, { waitMs: 60_000, nowMs: nowMs() })
  first.places.keep({ ...visitor, key: 'gone' }, needs, { waitMs: 0, nowMs: nowMs() - 60_000 })
  await until('they are kept', async () => Object.keys(await redis.hgetall('murmur:places')).length === 3)
  // It dies: nobody knows of them but Redis.
  await first.feed.stop()
  const next = await orchestrator('next')
  t.equal(next.places.size, 3)
  const dueInMs = next.places.view({ tenant: 'north' }, nowMs()).untilLastMs('x 1 all')!
  t.ok(dueInMs > 50_000 && dueInMs <= 60_000, `${dueInMs} ms`)
  next.places.take(visitor, nowMs())
  await until('he came', async () => Object.keys(await redis.hgetall('murmur:places')).length === 2)
  await next.feed.stop()
  const third = await orchestrator('third')
  t.equal(third.places.size, 2)
  third.places.take(other, nowMs())
})

t.test('more than a message takes', async (t) => {
  const [one, two] = [await orchestrator('three'), await orchestrator('four')]
  for (let i = 0; i < 1234; i++)
    one.places.keep({ ...visitor, key: `many ${i}` }, needs, { waitMs: 60_000, nowMs: nowMs() })
  await until('all are heard of', () => two.places.size >= 1234)
  t.pass('all of them')
})

t.test('what is no such message is passed over', async (t) => {
  const { bus, places } = await orchestrator('five')
  const refused = { tenant: 'north', key: 'b', inMs: 1000, needs: [{ line: 'x', units: 1 }] }
  const change = { id: 'six-1', refused }
  for (const message of [
    'no JSON',
    '{}',
    JSON.stringify({ v: 2, from: 'six', changes: [] }),
    JSON.stringify({
      v: 1,
      from: 'six',
      changes: [{ id: 'a', refused: { ...refused, tenant: 'not a tenant' } }],
    }),
    JSON.stringify({ v: 1, from: 'six', changes: [{ id: 'a', refused: { ...refused, inMs: -1 } }] }),
    JSON.stringify({ v: 1, from: 'six', changes: Array.from({ length: 101 }, () => change) }),
  ])
    bus.publishCore(SUBJECTS.places, message)
  bus.publishCore(SUBJECTS.places, JSON.stringify({ v: 1, from: 'six', changes: [change] }))
  await until('the last is heard of', () => places.view({ tenant: 'north' }, nowMs()).ahead('x') > 0)
  t.equal(places.view({ tenant: 'north' }, nowMs()).ahead('x'), 1)
})
