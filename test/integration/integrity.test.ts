import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { IntegrityView } from '#schemas/integrity.ts'
import { startCluster } from '../support/cluster.ts'
import { LogWatch, submitTasks } from '../support/task-load.ts'
import { until } from '../support/until.ts'

// The log is audited while processes are killed and Redis is emptied: what is sound is never called broken, and somebody always audits.
t.setTimeout(180_000)
const cluster = await startCluster(t, { orchestrators: 2, agents: 2, partitions: 8 })
const { bus } = cluster
const redis = new Client(cluster.servers.redisUrl)
t.teardown(() => redis.disconnect())
const log = new LogWatch(bus)
t.teardown(() => log.stop())

const view = async (): Promise<IntegrityView | undefined> =>
  (await bus.call('getIntegrity', {}, { timeoutMs: 5000 }).catch(() => undefined))?.integrity
async function viewOnce(what: string, holds: (view: IntegrityView) => boolean): Promise<IntegrityView> {
  let last: IntegrityView | undefined
  await until(
    what,
    async () => {
      last = await view()
      return last !== undefined && holds(last)
    },
    60_000,
  )
  return last!
}
const load = async (run: string, count: number, disturb: () => Promise<void>): Promise<void> => {
  const submitted = submitTasks(bus, log, { run, count })
  await disturb()
  const { expected, ended } = await submitted
  await until('all tasks have ended', () => ended() === expected.size, 60_000)
}

t.test('kills, takeovers and an emptied Redis are no violations', async (t) => {
  const first = await viewOnce('somebody audits', () => true)
  await load('calm', 60, async () => {})
  const calm = await viewOnce('all is compared', ({ compared }) => compared === 60)
  t.match(calm, { ended: 60, open: 0, skipped: 0, violations: 0, sinceMs: first.sinceMs })

  const auditor = cluster.orchestrators.find(({ instance }) => instance === calm.instance)!
  await load('killed', 150, async () => {
    await auditor.kill()
    await cluster.agents[0]!.kill()
    await cluster.agents[0]!.start()
  })
  const other = await viewOnce(
    'the other audits',
    ({ instance, ended, open }) => instance !== calm.instance && ended === 210 && open === 0,
  )
  t.match(other, { violations: 0, lost: 0, doubled: 0, sinceMs: first.sinceMs }, 'it goes on')
  await auditor.start()

  await load('emptied', 100, async () => {
    await redis.flushall()
  })
  const now = await redis.time().then(([s]) => Number(s) * 1000)
  await viewOnce('it was looked at since', ({ atMs, open }) => atMs > now + 12_000 && open === 0)
  const last = (await view())!
  t.match(last, { violations: 0, recent: [], isStale: false })
  t.ok(last.compared > 0)
})
