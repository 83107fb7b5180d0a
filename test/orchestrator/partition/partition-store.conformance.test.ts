import { randomUUID } from 'node:crypto'
import { Redis as Client } from 'ioredis'
import t, { type Test } from 'tap'
import type { Commit, PartitionStore } from '../../../services/orchestrator/partition/partition-store.ts'
import {
  PARTITION_KEYS,
  RedisPartitionStore,
} from '../../../services/orchestrator/partition/redis-partition-store.ts'
import { createRedis, waitForRedis } from '../../../services/platform/redis/redis.ts'
import { checkBesideState } from '../../support/beside-state-conformance.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { checkPartitionStore, type StoreUnderTest } from '../../support/partition-store-conformance.ts'
import { withServers } from '../../support/servers.ts'
import { commitOf, taskState, write } from '../../support/task-states.ts'

const KEEP_MS = 60_000

const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
const admin = new Client(servers.redisUrl)
t.teardown(async () => {
  await redis.close()
  admin.disconnect()
})
await waitForRedis(redis, 5000)

const openRedis = async (): Promise<StoreUnderTest> => ({
  store: new RedisPartitionStore(redis),
  flush: async () => void (await admin.flushall()),
})
const openMemory = async (): Promise<StoreUnderTest> => {
  const store = new MemoryPartitionStore()
  return { store, flush: async () => store.flush() }
}

t.test('in Redis', (t) => checkPartitionStore(t, openRedis))
t.test('in memory', (t) => checkPartitionStore(t, openMemory))
t.test('in Redis, beside the state', (t) => checkBesideState(t, openRedis))
t.test('in memory, beside the state', (t) => checkBesideState(t, openMemory))

t.test('the suite finds a store without the fence', async (t) => {
  class Unfenced extends MemoryPartitionStore {
    override async commit(partition: number, commit: Commit): Promise<boolean> {
      const expectedOffset = (await this.position(partition))?.offset
      return super.commit(partition, { ...commit, expectedOffset })
    }
  }
  class RepeatsTwice extends MemoryPartitionStore {
    override async commit(partition: number, commit: Commit): Promise<boolean> {
      return super.commit(partition, { ...commit, id: randomUUID() })
    }
  }
  t.ok((await failuresOf(new Unfenced())) > 0, 'without the offset check')
  t.ok((await failuresOf(new RepeatsTwice())) > 0, 'without the id of a commit')
  t.equal(await failuresOf(new MemoryPartitionStore()), 0, 'and nothing in the right one')
})

t.test('in Redis a finished task leaves after its time, an active one never', async (t) => {
  const { store } = await openRedis()
  const p = 900
  const ended = taskState('b', { status: 'failed', finishedAtMs: 2000 })
  const writes = [
    write(taskState('a'), { isNew: true }),
    write(ended, { isNew: true, dueMs: undefined, keepMs: KEEP_MS }),
  ]
  await store.commit(p, commitOf([undefined, 1], { writes }))
  const ttl = (kind: string, id: string) => admin.pttl(`murmur:{p${p}}:${kind}:${id}`)
  t.strictSame([await ttl('state', 'a'), await ttl('definition', 'a')], [-1, -1])
  for (const kind of ['state', 'definition']) {
    const leftMs = await ttl(kind, 'b')
    t.ok(leftMs > KEEP_MS - 10_000 && leftMs <= KEEP_MS, `${kind}: ${leftMs} ms`)
  }
  const again = taskState('b', { createdAtMs: 5000 })
  await store.commit(p, commitOf([1, 2], { writes: [write(again, { isNew: true })] }))
  t.strictSame(
    [await ttl('state', 'b'), await ttl('definition', 'b')],
    [-1, -1],
    'one that starts anew stays',
  )
})

t.test('in Redis entries of the index leave when their tasks have expired, old and new ones', async (t) => {
  const { store } = await openRedis()
  const p = 901
  const writes = Array.from({ length: 1000 }, (_, i) =>
    write(taskState(`t${i}`, { createdAtMs: 1000 + i }), { isNew: true }),
  )
  await store.commit(p, commitOf([undefined, 1], { writes }))
  const gone = (i: number) => i >= 500 && i % 2 === 0
  const keys = writes.flatMap(({ state }, i) => (gone(i) ? [`murmur:{p${p}}:state:${state.id}`] : []))
  await admin.del(...keys)
  let dropped = 0
  for (let look = 0; look < 20; look++) dropped += await store.trimIndex(p)
  t.equal(dropped, 250, 'although the oldest are all there')
  t.equal((await store.newestTasks(p, { start: 0, count: 2000 })).length, 750)
})

t.test('in Redis: what stands there and is none is told, and a reset mends it', async (t) => {
  const { store } = await openRedis()
  const p = 902
  await store.commit(
    p,
    commitOf([undefined, 1], {
      writes: ['a', 'b', 'c', 'd', 'e'].map((id) =>
        write(taskState(id, { tenant: 'north' }), { isNew: true }),
      ),
    }),
  )
  await admin.set(`murmur:{p${p}}:state:a`, '{"status":')
  await admin.set(`murmur:{p${p}}:definition:b`, 'nonsense')
  await admin.del(`murmur:{p${p}}:state:c`)
  await admin.set(`murmur:{p${p}}:state:d`, JSON.stringify({ status: 'running', rev: 1, seq: 1, steps: {} }))
  const told: { id: string; known: object }[] = []
  const states = await store.readTasks(
    p,
    ['a', 'b', 'c', 'd', 'e', 'f'],
    ({ id, known }) => void told.push({ id, known }),
  )
  t.strictSame(
    states.map((state) => state?.id),
    [undefined, undefined, undefined, undefined, 'e', undefined],
  )
  t.match(told, [
    { id: 'a', known: { tenant: 'north', type: 'plan' } },
    { id: 'b', known: {} },
    { id: 'c', known: { tenant: 'north' } },
    { id: 'd', known: { tenant: 'north' } },
  ])
  t.equal(told.length, 4)
  await admin.hset(`murmur:{p${p}}:position`, 'offset', 'far')
  await t.rejects(store.position(p), { name: 'PositionUnreadable' })
  await admin.del(`murmur:{p${p}}:timers`)
  await admin.set(`murmur:{p${p}}:timers`, 'no set')
  await admin.del(`murmur:{p${p}}:position`)
  await admin.set(`murmur:{p${p}}:position`, 'no hash')
  await t.rejects(store.position(p), { name: 'PositionUnreadable' })
  const commit = commitOf([undefined, 2], { writes: [write(taskState('x'), { isNew: true, dueMs: 5 })] })
  await t.rejects(store.commit(p, commit), { name: 'CommitRefused' })
  t.ok(await store.reset(p, 'any', { stream: 'a', storedAtMs: 0 }))
  t.match(await store.position(p), { offset: 0, level: false })
  t.ok(await store.commit(p, { ...commit, expectedOffset: 0 }))
  t.equal((await store.settleReset(p)).count, 4, 'c had no state any more')
})

t.test(
  'in Redis a commit that fails on its way has moved nothing on, and is no success when it is sent again',
  async (t) => {
    const { store } = await openRedis()
    const p = 903
    await store.commit(p, commitOf([undefined, 1]))
    await admin.set(`murmur:{p${p}}:depth`, 'no hash')
    const commit = commitOf([1, 2], { writes: [write(taskState('a'), { isNew: true })], depth: { plan: 1 } })
    await t.rejects(store.commit(p, commit), { name: 'CommitRefused' })
    await t.rejects(store.commit(p, commit), { name: 'CommitRefused' })
    t.match(await store.position(p), { offset: 1 })
  },
)

t.test('in Redis a reset that was cut short is gone on with, and nobody commits meanwhile', async (t) => {
  const { store } = await openRedis()
  const p = 904
  await store.commit(p, commitOf([undefined, 1], { writes: [write(taskState('a'), { isNew: true })] }))
  await admin.hset(`murmur:{p${p}}:position`, 'clearing', '1', 'offset', '0', 'level', '0')
  t.notOk(await store.commit(p, commitOf([0, 2])))
  await t.rejects(store.position(p), { name: 'PositionUnreadable' })
  t.ok(await store.reset(p, 'any', { stream: 'a', storedAtMs: 0 }))
  t.match(await store.position(p), { offset: 0, level: false, log: { stream: 'a' } })
})

t.test('all keys of a partition share its hash tag', async (t) => {
  await admin.flushall()
  const { store } = await openRedis()
  await store.commit(
    7,
    commitOf([undefined, 1], {
      writes: [write(taskState('a'), { isNew: true, dueMs: 5 })],
      depth: { plan: 1 },
      tenants: { default: 1 },
    }),
  )
  const keys = await admin.keys('*')
  t.equal(keys.length, 7)
  for (const key of keys) t.match(key, /^murmur:\{p7\}:/)
})

t.test('scripts survive a restart of the server', async (t) => {
  const { store } = await openRedis()
  t.ok(await store.commit(8, commitOf([undefined, 1])))
  await servers.killRedis()
  await t.rejects(store.commit(8, commitOf([1, 2])), 'it fails at once instead of hanging')
  await servers.restartRedis()
  await waitForRedis(redis, 10_000)
  t.match(await store.position(8), { offset: 1, emitted: 0 }, 'nothing was lost')
  t.ok(await store.commit(8, commitOf([1, 2])))
})

/** Runs the suite in silence. */
async function failuresOf(store: PartitionStore): Promise<number> {
  let failures = 0
  const count = (ok: boolean) => {
    if (!ok) failures++
  }
  const same = (a: unknown, b: unknown) => count(show(a) === show(b))
  const quiet = {
    ok: (value: unknown) => count(Boolean(value)),
    notOk: (value: unknown) => count(!value),
    equal: (a: unknown, b: unknown) => count(a === b),
    strictSame: same,
    match: (a: object, b: object) =>
      count(Object.entries(b).every(([key, value]) => show(a[key as keyof typeof a]) === show(value))),
    test: (_: string, body: (t: unknown) => Promise<void>) => body(quiet),
  }
  const flush = async () => (store as MemoryPartitionStore).flush()
  await checkPartitionStore(quiet as unknown as Test, async () => ({ store, flush }))
  return failures
}

function show(value: unknown): string {
  return JSON.stringify(value instanceof Map ? [...value] : value) ?? 'undefined'
}

t.test('what is stored of a task that has ended goes with its retention, and no sooner', async (t) => {
  const keepMs = 60_000
  const store = new RedisPartitionStore(redis)
  const PTTL = { name: 'murmurTestPttl', lua: "return redis.call('PTTL', KEYS[1])" }
  const keys = [PARTITION_KEYS.state(0, 'a'), PARTITION_KEYS.definition(0, 'a')]
  const left = () => Promise.all(keys.map((key) => redis.script(PTTL, [key], [])))
  const task = taskState('a')
  await store.commit(0, commitOf([undefined, 1], { writes: [write(task, { isNew: true })] }))
  t.strictSame(await left(), [-1, -1], 'an active task stays')
  const ended = { ...task, status: 'completed' as const, finishedAtMs: 2000 }
  await store.commit(
    0,
    commitOf([1, 2], { writes: [{ ...write(ended, { dueMs: undefined }), ...{ keepMs } }] }),
  )
  for (const ms of await left()) t.ok(Number(ms) > keepMs / 2 && Number(ms) <= keepMs, `${ms} ms are left`)
})
