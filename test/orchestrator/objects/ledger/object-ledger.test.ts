import fc from 'fast-check'
import t from 'tap'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { ObjectLedger, targetOf } from '../../../../services/orchestrator/objects/ledger/object-ledger.ts'
import { withServers } from '../../../support/servers.ts'

const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
t.teardown(() => redis.close())
await waitForRedis(redis, 5000)
const FLUSH = { name: 'testFlushAll', lua: "return redis.call('FLUSHALL')" }
const BUCKET = 'today'

/** An empty one, in this phase. */
async function ledgerIn(name: 'counting' | 'counted' | 'complete' | undefined): Promise<ObjectLedger> {
  await redis.script(FLUSH, [], [])
  const ledger = new ObjectLedger(redis)
  if (name) await ledger.setPhase(undefined, { name, bucket: BUCKET })
  return ledger
}
const room = (upload: string, bytes: number, limitBytes = 100) => ({
  ...{ upload, tenant: 'acme', key: `tenants/acme/uploads/${upload}`, bytes, limitBytes },
  ...{ staleAtMs: 500, isNew: true },
})

t.test('uploads are taken when what there is has been counted', async (t) => {
  for (const phase of [undefined, 'counting'] as const) {
    const ledger = await ledgerIn(phase)
    t.match(await ledger.reserve(room('a', 1)), { outcome: 'uncounted' })
    t.match(await ledger.reserve({ ...room('a', 1), isNew: false }), { outcome: 'reserved' }, 'results are')
  }
  const ledger = await ledgerIn('counted')
  t.match(await ledger.reserve(room('a', 1)), { outcome: 'reserved', usedBytes: 1 })
})

t.test('what is set aside grows, is given back, and becomes the size of the object', async (t) => {
  const ledger = await ledgerIn('complete')
  await ledger.reserve(room('a', 60))
  t.strictSame(await ledger.reserve(room('b', 41)), { outcome: 'full', usedBytes: 60 })
  t.match(await ledger.reserve(room('a', 10)), { outcome: 'reserved', usedBytes: 60 }, 'never less')
  t.match(await ledger.reserve(room('a', 100)), { outcome: 'reserved', usedBytes: 100 })
  t.match(await ledger.reserve(room('a', 101)), { outcome: 'full', usedBytes: 100 })
  t.match(await ledger.reserve(room('a', 101, 0)), { outcome: 'reserved' }, '0 is no limit')
  const object = { key: 'tenants/acme/uploads/a', tenant: 'acme', size: 70 }
  t.equal(await ledger.record(object, 900, { upload: 'a', isReserved: true }), 900)
  t.equal(await ledger.record(object, 950, { upload: 'a', isReserved: true }), 900, 'again: no harm')
  t.equal(await ledger.usedBy('acme'), 70)
  await ledger.reserve(room('c', 5))
  t.strictSame(await ledger.stale(500, 10), [{ upload: 'c', tenant: 'acme', key: 'tenants/acme/uploads/c' }])
  t.notOk(await ledger.release('c', 499), 'somebody is at it')
  t.ok(await ledger.release('c', 500))
  t.notOk(await ledger.release('c'))
  t.equal(await ledger.record({ ...object, key: 'x' }, 1, { upload: 'c', isReserved: true }), undefined)
  t.strictSame(await ledger.used(), new Map([['acme', 70]]))
})

t.test('what a task keeps is not taken away; what is being taken away is kept by nobody', async (t) => {
  const ledger = await ledgerIn('complete')
  const key = 'uploads/a'
  await ledger.record({ key, tenant: 'default', size: 7 }, 100)
  const claim = (nowMs: number) => ledger.claim('o:uploads/a', { nowMs, count: 10 })
  t.equal(await claim(99), undefined, 'not due')
  t.strictSame(await ledger.keep('t1', [key, 'uploads/none'], { nowMs: 1, dueMs: 9 }), {
    missing: ['uploads/none'],
  })
  t.strictSame(await ledger.keepers('o:uploads/a', 10), [], 'all or nothing')
  t.strictSame(await ledger.keep('t1', [key], { nowMs: 1, dueMs: 9 }), { begun: ['o:uploads/a'] })
  t.equal(await claim(100), undefined, 'kept')
  t.equal(await ledger.claim('o:uploads/a', { nowMs: 1, count: 1, one: key }), undefined, 'nor deleted')
  await ledger.dropKeepers('o:uploads/a', ['t1'])
  t.strictSame(await claim(100), [key])
  t.strictSame(await ledger.keep('t2', [key], { nowMs: 1, dueMs: 9 }), { missing: [key] }, 'it is gone')
  t.ok(await ledger.isGoing(key))
  t.equal(await ledger.usedBy('default'), 0)
  await ledger.settle([key])
  t.equal((await ledger.going()).size, 0)
  t.strictSame(await ledger.due(1e9, 10), [])
})

t.test(
  'who gives up lets go of what it has begun to keep, but of nothing that others keep for the same task',
  async (t) => {
    const ledger = await ledgerIn('complete')
    const [a, b] = ['uploads/a', 'uploads/b']
    for (const key of [a, b]) await ledger.record({ key, tenant: 'default', size: 7 }, 100)
    const keep = (nowMs: number, ...keys: string[]) => ledger.keep('t1', keys, { nowMs, dueMs: 9 })
    const keptOf = async (key: string) => (await ledger.keepers(`o:${key}`, 10)).map(([id]) => id)
    t.strictSame(await keep(5.25, a), { begun: ['o:uploads/a'] })
    t.strictSame(await keep(5.5, a, b), { begun: ['o:uploads/b'] }, 'only what is new is its own to let go')
    await ledger.letGo('t1', ['o:uploads/a'], 5.25)
    t.strictSame(await keptOf(a), ['t1'], 'somebody else has asked for it since')
    await ledger.letGo('t1', ['o:uploads/b'], 5.5)
    t.strictSame([await keptOf(a), await keptOf(b)], [['t1'], []])
  },
)

t.test('objects of a task go together, some at a time, and not when it has made another', async (t) => {
  const ledger = await ledgerIn('complete')
  for (const i of [1, 2, 3])
    await ledger.record({ key: `tasks/t1/a/${i}`, tenant: 'acme', size: 10 }, 100 * i)
  const claim = (nowMs: number) => ledger.claim('t:t1', { nowMs, count: 2 })
  t.equal(await claim(299), undefined, 'the youngest one counts')
  t.equal((await claim(300))!.length, 2)
  t.equal(await ledger.usedBy('acme'), 10)
  await ledger.record({ key: 'tasks/t1/a/4', tenant: 'acme', size: 1 }, 900)
  t.equal(await claim(300), undefined)
  t.equal((await claim(900))!.length, 2)
  t.strictSame(await ledger.due(1e9, 10), [])
})

t.test('nothing is taken away before it is known what tasks need, or of another store', async (t) => {
  const ledger = await ledgerIn('counted')
  await ledger.record({ key: 'uploads/a', tenant: 'default', size: 7 }, 1)
  t.equal(await ledger.claim('o:uploads/a', { nowMs: 9, count: 1 }), undefined)
  const counted = { name: 'counted', bucket: BUCKET } as const
  t.notOk(await ledger.setPhase(undefined, counted), 'somebody else was faster')
  t.ok(await ledger.setPhase(counted, { name: 'counting', bucket: 'another' }, { forget: true }))
  t.strictSame(await ledger.phase(), { name: 'counting', bucket: 'another' })
  t.strictSame(await ledger.used(), new Map())
})

t.test('whatever happens in whichever order, the sum is that of the records', async () => {
  const names = fc.constantFrom('a', 'b', 'c')
  const act = fc.oneof(
    fc.record({ is: fc.constant('reserve' as const), id: names, bytes: fc.nat(60) }),
    fc.record({ is: fc.constant('record' as const), id: names, bytes: fc.nat(60) }),
    fc.record({ is: fc.constant('release' as const), id: names }),
    fc.record({ is: fc.constant('keep' as const), id: names }),
    fc.record({ is: fc.constant('claim' as const), id: names }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
      const ledger = await ledgerIn('complete')
      const aside = new Map<string, number>()
      const stored = new Map<string, number>()
      const kept = new Set<string>()
      const sum = () => [...aside.values(), ...stored.values()].reduce((a, b) => a + b, 0)
      for (const one of acts) {
        const key = `tenants/acme/uploads/${one.id}`
        if (one.is === 'reserve') {
          const more = Math.max(0, one.bytes - (aside.get(one.id) ?? 0))
          const fits = more === 0 || sum() + more <= 100
          const { outcome } = await ledger.reserve(room(one.id, one.bytes))
          if ((outcome === 'reserved') !== fits) return false
          if (fits) aside.set(one.id, (aside.get(one.id) ?? 0) + more)
        } else if (one.is === 'record') {
          await ledger.record({ key, tenant: 'acme', size: one.bytes }, 1, { upload: one.id })
          aside.delete(one.id)
          stored.set(key, one.bytes)
        } else if (one.is === 'release') {
          await ledger.release(one.id)
          aside.delete(one.id)
        } else if (one.is === 'keep') {
          const isKept = 'begun' in (await ledger.keep('t1', [key], { nowMs: 1, dueMs: 1 }))
          if (isKept !== stored.has(key)) return false
          if (isKept) kept.add(key)
        } else {
          const claimed = await ledger.claim(targetOf(key), { nowMs: 5, count: 1, one: key })
          if ((claimed === undefined) !== kept.has(key)) return false
          if (claimed) stored.delete(key)
        }
        if ((await ledger.usedBy('acme')) !== sum()) return false
      }
      return true
    }),
    { numRuns: 60 },
  )
})
