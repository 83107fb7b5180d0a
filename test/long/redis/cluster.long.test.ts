import t from 'tap'
import { PARTITION_KEYS } from '../../../services/orchestrator/partition/redis-partition-store.ts'
import { startCluster } from '../../support/cluster.ts'
import { startRedisCluster } from '../../support/redis-cluster.ts'
import type { RedisNode } from '../../support/redis-node.ts'
import { cutOff, letFollow, RedisUnderLoad } from '../../support/redis-under-load.ts'
import { LogWatch } from '../../support/task-load.ts'
import { until } from '../../support/until.ts'

const PARTITIONS = 8
const TASKS = 400
const RECOVER_TIMEOUT_MS = 10_000

t.setTimeout(400_000)
const redis = await startRedisCluster(t, { nodeTimeoutMs: 3000 })
const cluster = await startCluster(t, {
  ...{ orchestrators: 2, agents: 2, partitions: PARTITIONS },
  redisUrlOf: (user) => redis.urlOf(user),
})
const log = new LogWatch(cluster.bus)
t.teardown(() => log.stop())
const stack = new RedisUnderLoad({ cluster, log, partitions: PARTITIONS })

async function partitionsOn(node: RedisNode): Promise<number[]> {
  const all = Array.from({ length: PARTITIONS }, (_, p) => p)
  const masters = await Promise.all(all.map((p) => redis.masterOf(PARTITION_KEYS.position(p))))
  return all.filter((p) => masters[p] === node)
}

/** The master with most partitions. */
async function busiest(): Promise<RedisNode> {
  const masters = await redis.masters()
  const counts = await Promise.all(masters.map(async (node) => (await partitionsOn(node)).length))
  return masters[counts.indexOf(Math.max(...counts))]!
}

const inStep = () => until('all replicas follow', () => redis.isInStep(), 60_000)

t.test('without a fault', async (t) => {
  await stack.nothingIsLost(t, await stack.underWay(t, TASKS))
  const places = await Promise.all((await redis.masters()).map(partitionsOn))
  t.ok(places.filter((place) => place.length > 0).length >= 2, 'partitions lie on several nodes')
})

t.test('a master is killed under load', async (t) => {
  await inStep()
  const master = await busiest()
  const affected = await partitionsOn(master)
  const load = await stack.underWay(t, TASKS)
  const open = stack.openPartitions(load)
  const waiting = affected.filter((p) => open.has(p))
  t.ok(waiting.length > 0, `${waiting.length} partitions with work lie on it`)
  await master.kill()
  const backMs = await stack.goOn(t, waiting)
  const lastMs = Math.max(...waiting.map((p) => backMs.get(p)!))
  t.comment(`the last of its partitions went on after ${Math.round(lastMs)} ms`)
  t.ok(lastMs < RECOVER_TIMEOUT_MS)
  await stack.nothingIsLost(t, load)
  await master.restart()
})

t.test('a master stands still under load', async (t) => {
  await inStep()
  const master = await busiest()
  const load = await stack.underWay(t, TASKS)
  const open = stack.openPartitions(load)
  const waiting = (await partitionsOn(master)).filter((p) => open.has(p))
  await master.kill('SIGSTOP')
  const backMs = await stack.goOn(t, waiting)
  const lastMs = Math.max(...waiting.map((p) => backMs.get(p)!))
  t.comment(`the last of its partitions went on after ${Math.round(lastMs)} ms`)
  t.ok(lastMs < RECOVER_TIMEOUT_MS)
  await master.kill('SIGCONT')
  await stack.nothingIsLost(t, load)
})

t.test('a replica takes over that lacks the last writes', async (t) => {
  await inStep()
  const master = await busiest()
  const affected = await partitionsOn(master)
  const replica = await redis.replicaOf(master)
  await cutOff(replica, master)
  const finished = await stack.underWay(t, TASKS)
  await stack.nothingIsLost(t, finished)
  const load = await stack.underWay(t, TASKS)
  const offset = async (node: RedisNode, p: number) =>
    Number(await node.direct.hget(PARTITION_KEYS.position(p), 'offset'))
  await replica.direct.readonly()
  const behind = await Promise.all(
    affected.map(async (p) => (await offset(master, p)) - (await offset(replica, p))),
  )
  t.ok(Math.max(...behind) > 100, `it lacks ${Math.max(...behind)} places of the log and more`)
  await master.kill()
  await until(
    'it has taken over',
    async () => (await replica.info('replication', 'role')) === 'master',
    30_000,
  )
  await stack.nothingIsLost(t, finished, load)
  await letFollow(replica)
  await master.restart()
})

t.test('slots of partitions are moved to another node under load, and back', async (t) => {
  await inStep()
  const partition = (await partitionsOn(await busiest()))[0]!
  const slot = await redis.slotOf(PARTITION_KEYS.position(partition))
  const from = await redis.masterOf(PARTITION_KEYS.position(partition))
  const to = (await redis.masters()).find((node) => node !== from)!
  const load = await stack.underWay(t, TASKS)
  const moved = await redis.moveSlot(slot, to)
  t.ok(moved > 100, `${moved} keys were moved`)
  t.equal(await redis.masterOf(PARTITION_KEYS.position(partition)), to)
  await redis.moveSlot(slot, from)
  await stack.nothingIsLost(t, load)
})
