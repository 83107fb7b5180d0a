import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { ObjectLedger } from '../../../services/orchestrator/objects/ledger/object-ledger.ts'
import { ObjectCount, type ObjectCountDeps } from '../../../services/orchestrator/objects/object-count.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'

t.test('a Redis that has lost what tasks keep is told it again before anything is taken away', async (t) => {
  const servers = await withServers(t)
  const redis = createRedis(servers.redisUrl)
  t.teardown(() => redis.close())
  await waitForRedis(redis, 5000)
  const ledger = new ObjectLedger(redis)
  const key = 'uploads/a'
  const bucket = 'made'
  let keptAgain = 0
  const phases: (string | undefined)[] = []
  const count = new ObjectCount({
    ...{ ledger, partitions: 1, uploadTtlMs: 1000, log: quietLog, clock: createManualClock() },
    bus: { streams: { createdAt: async () => bucket } } as unknown as ObjectCountDeps['bus'],
    tenantOf: async () => 'default',
    store: {
      position: async () => ({ offset: 1, emitted: 1, level: true, log: undefined }),
      newestTasks: async () => [{ id: 't1', createdAtMs: 1 }],
      readTasks: async () => [{ id: 't1' }],
    } as unknown as ObjectCountDeps['store'],
    keeping: {
      keepAgain: async ({ id }) => {
        phases.push((await ledger.phase())?.name)
        t.equal(await ledger.claim(`o:${key}`, { nowMs: 5000, count: 1 }), undefined, 'nothing is taken away')
        await ledger.keep(id, [key], { nowMs: 1, dueMs: 1 })
        keptAgain++
      },
    },
  })
  await ledger.setPhase(undefined, { name: 'complete', bucket })
  await ledger.record({ key, tenant: 'default', size: 1 }, 10)
  await count.lookOver()
  t.equal(keptAgain, 0, 'with the first one that is seen there is nothing to compare')
  await count.lookOver()
  t.equal(keptAgain, 0)

  await servers.restartRedis()
  await waitForRedis(redis, 5000)
  await count.lookOver()
  t.strictSame(phases, ['counted'])
  t.match(await ledger.phase(), { name: 'complete', bucket })
  t.equal(await ledger.claim(`o:${key}`, { nowMs: 5000, count: 1 }), undefined, 'it is kept')
  await count.lookOver()
  t.equal(keptAgain, 1, 'once')
})
