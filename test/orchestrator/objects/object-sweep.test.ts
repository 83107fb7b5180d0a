import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { ObjectLedger } from '../../../services/orchestrator/objects/ledger/object-ledger.ts'
import { ObjectSweep } from '../../../services/orchestrator/objects/object-sweep.ts'
import type { Lifetime } from '../../../services/orchestrator/objects/task-lifetimes.ts'
import { openBus } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
t.teardown(() => redis.close())
await waitForRedis(redis, 5000)
const bus = await openBus(t, servers.natsUrl)
const blobs = await bus.objects.create({ storageBytes: 1024 ** 3 })
const ledger = new ObjectLedger(redis)
await ledger.setPhase(undefined, { name: 'complete', bucket: '' })
const clock = createManualClock()
const lifetimes = new Map<string, Lifetime>()
const metrics = createMetrics({ processMetrics: false })
const sweep = new ObjectSweep({
  ...{ ledger, blobs, clock, metrics, log: quietLog },
  count: { ensure: async () => {}, lookOver: async () => {} },
  tasks: { of: async (ids) => new Map(ids.map((id) => [id, lifetimes.get(id) ?? 'gone'])) },
  isSweeper: () => true,
  keeperGraceMs: 100,
})
const put = async (folder: string, dueMs: number) => {
  const { blob: key, size } = await blobs.put(folder, Buffer.from('x'), { contentType: 'text/plain' })
  await ledger.record({ key, tenant: 'default', size }, clock.nowMs() + dueMs)
  return key
}
const isThere = (key: string) =>
  blobs.find(key).then(
    () => true,
    () => false,
  )
const after = async (ms: number) => {
  await clock.advance(ms)
  return sweep.sweep()
}

t.test('an upload goes when it has expired, and not before', async (t) => {
  const key = await put('uploads', 1000)
  await after(999)
  t.ok(await isThere(key))
  t.equal(await after(1), false, 'nothing more is due')
  t.notOk(await isThere(key))
  t.equal((await ledger.going()).size, 0)
  t.equal(await ledger.usedBy('default'), 0)
  t.equal(metrics.counter('murmur_objects_collected_total').labels('expired').value, 1)
})

t.test('an upload stays for as long as a task is there that refers to it', async (t) => {
  const key = await put('uploads', 1000)
  await ledger.keep('t1', [key], { nowMs: clock.nowMs(), dueMs: clock.nowMs() })
  await after(50)
  t.ok(await isThere(key), 'the task is about to be accepted')
  lifetimes.set('t1', clock.nowMs() + 5000)
  await after(1000)
  await after(3000)
  t.ok(await isThere(key))
  lifetimes.set('t1', 'unknown')
  await after(3000)
  t.ok(await isThere(key), 'nobody can say')
  lifetimes.set('t1', 'gone')
  await after(60_000)
  t.notOk(await isThere(key))
})

t.test('what a task made goes with it, and not while its parent may need it', async (t) => {
  const key = await put('tasks/child/a', 10)
  const alone = await put('tasks/alone/a', 10)
  for (const [of, by] of [
    ['child', 'parent'],
    ['parent', 'root'],
  ] as const)
    await ledger.keep(by, [], { nowMs: clock.nowMs(), dueMs: clock.nowMs() + 10, targets: [`t:${of}`] })
  for (const id of ['child', 'alone', 'root']) lifetimes.set(id, clock.nowMs() + 2000)
  await after(1000)
  t.ok(await isThere(alone))
  for (const id of ['child', 'alone', 'parent']) lifetimes.set(id, 'gone')
  lifetimes.set('root', clock.nowMs() + 1e9)
  await after(60_000)
  t.notOk(await isThere(alone))
  t.ok(await isThere(key), 'the root may have it from its child')
  lifetimes.set('root', 'gone')
  for (let i = 0; i < 4; i++) await after(3_600_000)
  t.notOk(await isThere(key))
})

t.test('what writers left behind is settled: what became an object is one, the rest goes', async (t) => {
  const whole = await blobs.put('uploads', Buffer.from('abc'), { contentType: 'text/plain' })
  const room = (upload: string, key: string) =>
    ledger.reserve({
      ...{ upload, key, tenant: 'default', bytes: 50, limitBytes: 0, isNew: true },
      staleAtMs: clock.nowMs() + 10,
    })
  await room('whole', whole.blob)
  await room('half', 'uploads/half')
  await blobs.storePiece('half', 0, Buffer.from('x'))
  const { messages } = await bus.streams.fill('OBJ_MURMUR_BLOBS')
  await after(5)
  t.equal(await ledger.usedBy('default'), 100)
  await after(5)
  t.equal(await ledger.usedBy('default'), 3, 'one is an object')
  await after(0)
  t.equal(await ledger.usedBy('default'), 0, 'whose time was over as well')
  t.equal((await bus.streams.fill('OBJ_MURMUR_BLOBS')).messages, messages - 3)
})

t.test('what was claimed by one that ended is taken away by the next', async (t) => {
  const key = await put('uploads', 0)
  t.strictSame(await ledger.claim(`o:${key}`, { nowMs: clock.nowMs(), count: 1 }), [key])
  await after(1000)
  t.ok(await isThere(key), 'it may be at it')
  await after(60_000)
  t.notOk(await isThere(key))
  t.equal((await ledger.going()).size, 0)
})
