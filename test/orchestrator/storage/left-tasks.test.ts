import { Redis as Client } from 'ioredis'
import t from 'tap'
import { RedisPartitionStore } from '../../../services/orchestrator/partition/redis-partition-store.ts'
import { LeftTasks } from '../../../services/orchestrator/storage/left-tasks.ts'
import { createRedis, waitForRedis } from '../../../services/platform/redis/redis.ts'
import { withServers } from '../../support/servers.ts'
import { commitOf, taskState, write } from '../../support/task-states.ts'

const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
const admin = new Client(servers.redisUrl)
t.teardown(async () => {
  await redis.close()
  admin.disconnect()
})
await waitForRedis(redis, 5000)
const store = new RedisPartitionStore(redis)
const left = new LeftTasks(redis)
const P = 3
const HOUR = 3_600_000
const nowMs = Date.now()
const ended = (id: string) =>
  write(taskState(id, { status: 'completed', finishedAtMs: nowMs, createdAtMs: 2000 }), {
    ...{ isNew: true, dueMs: undefined, keepMs: HOUR },
  })

t.test('finished tasks leave, their ids stay; what has not ended stays as it is', async (t) => {
  const writes = [write(taskState('active'), { isNew: true }), ended('a'), ended('b'), ended('c')]
  await store.commit(P, commitOf([undefined, 1], { writes }))
  const wanted = ['active', 'a', 'b', 'gone'].map((id) => ({ id, untilMs: nowMs + HOUR }))
  t.equal(await left.leave(P, wanted, nowMs), 2)
  const found = await store.readTasks(P, ['active', 'a', 'b', 'c'])
  t.strictSame(
    found.map((task) => task?.id),
    ['active', undefined, undefined, 'c'],
  )
  t.strictSame(
    (await store.newestTasks(P, { start: 0, count: 10 })).map(({ id }) => id),
    ['c', 'active'],
  )
  t.equal(await left.untilMs(P, 'a'), nowMs + HOUR)
  t.equal(await left.untilMs(P, 'active'), undefined)
  t.match(await store.position(P), { leftUntilMs: nowMs + HOUR, offset: 1 })
  t.equal(await admin.exists(`murmur:{p${P}}:definition:a`), 0)
})

t.test('ids go when their time is over; commits go on', async (t) => {
  t.ok(await store.commit(P, commitOf([1, 2], { writes: [ended('d')] })))
  t.equal(await left.leave(P, [{ id: 'd', untilMs: nowMs + 2 * HOUR }], nowMs + HOUR + 1), 1)
  t.equal(await left.untilMs(P, 'a'), undefined)
  t.match(await store.position(P), { leftUntilMs: nowMs + 2 * HOUR })
  const ttlMs = await admin.pttl(`murmur:{p${P}}:left`)
  t.ok(ttlMs > HOUR && ttlMs <= 2 * HOUR, 'all of it goes with the last')
})

t.test('a server that is full takes it', async (t) => {
  await store.commit(P, commitOf([2, 3], { writes: [ended('e')] }))
  await admin.config('SET', 'maxmemory', '1')
  t.teardown(() => admin.config('SET', 'maxmemory', '0'))
  await t.rejects(store.commit(P, commitOf([3, 4], { writes: [ended('f')] })), { code: 'UNAVAILABLE' })
  t.equal(await left.leave(P, [{ id: 'e', untilMs: nowMs + HOUR }], nowMs), 1)
  t.equal(await left.untilMs(P, 'e'), nowMs + HOUR)
})

t.test('what has left stays known when the partition is built anew', async (t) => {
  await admin.config('SET', 'maxmemory', '0')
  t.ok(await store.reset(P, 'any', { stream: 'b', storedAtMs: 0 }))
  t.match(await store.position(P), { offset: 0, level: false, leftUntilMs: nowMs + 2 * HOUR })
  t.equal(await left.untilMs(P, 'd'), nowMs + 2 * HOUR)
  await store.commit(P, {
    ...commitOf([0, 3], { writes: [ended('c')] }),
    log: { stream: 'b', storedAtMs: 3 },
  })
})

t.test('nothing leaves a partition that is not there or is reset', async (t) => {
  t.equal(await left.leave(P + 1, [{ id: 'a', untilMs: nowMs + HOUR }], nowMs), 0)
  await admin.hset(`murmur:{p${P}}:position`, 'clearing', '1')
  t.equal(await left.leave(P, [{ id: 'c', untilMs: nowMs + HOUR }], nowMs), 0)
  t.equal(await admin.exists(`murmur:{p${P}}:state:c`), 1)
})
