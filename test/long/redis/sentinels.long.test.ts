import t from 'tap'
import { PARTITION_KEYS } from '../../../services/orchestrator/partition/redis-partition-store.ts'
import { startCluster } from '../../support/cluster.ts'
import type { RedisNode } from '../../support/redis-node.ts'
import { MASTER_NAME, startRedisSentinels } from '../../support/redis-sentinels.ts'
import { cutOff, letFollow, RedisUnderLoad } from '../../support/redis-under-load.ts'
import { LogWatch } from '../../support/task-load.ts'
import { until } from '../../support/until.ts'

const PARTITIONS = 8
const TASKS = 400
const RECOVER_TIMEOUT_MS = 10_000
const ALL = Array.from({ length: PARTITIONS }, (_, p) => p)

t.setTimeout(400_000)
const redis = await startRedisSentinels(t, { downAfterMs: 3000 })
const cluster = await startCluster(t, {
  ...{ orchestrators: 2, agents: 2, partitions: PARTITIONS },
  redisUrlOf: (user) => redis.urlOf(user),
})
const log = new LogWatch(cluster.bus)
t.teardown(() => log.stop())
const stack = new RedisUnderLoad({ cluster, log, partitions: PARTITIONS })
const inStep = () => until('all replicas follow', () => redis.isInStep(), 60_000)

t.test('the master is killed under load', async (t) => {
  await inStep()
  const master = await redis.master()
  const load = await stack.underWay(t, TASKS)
  const waiting = [...stack.openPartitions(load)]
  await master.kill()
  const backMs = await stack.goOn(t, waiting)
  const lastMs = Math.max(...backMs.values())
  t.comment(`the last partition went on after ${Math.round(lastMs)} ms`)
  t.ok(lastMs < RECOVER_TIMEOUT_MS)
  await stack.nothingIsLost(t, load)
  await master.restart()
})

t.test('the master is made a replica under load: that it takes no writes is no fault of data', async (t) => {
  await inStep()
  const master = await redis.master()
  const load = await stack.underWay(t, TASKS)
  const waiting = [...stack.openPartitions(load)]
  await redis.sentinels[0]!.direct.call('SENTINEL', 'FAILOVER', MASTER_NAME)
  await until('another has taken over', async () => (await redis.master()) !== master, 60_000)
  const backMs = await stack.goOn(t, waiting)
  t.comment(`the last partition went on after ${Math.round(Math.max(...backMs.values()))} ms`)
  await stack.nothingIsLost(t, load)
})

t.test('a replica takes over that lacks the last writes', async (t) => {
  await inStep()
  const master = await redis.master()
  const replicas = redis.nodes.filter((node) => node !== master)
  await Promise.all(replicas.map((replica) => cutOff(replica, master)))
  const finished = await stack.underWay(t, TASKS)
  const load = await stack.underWay(t, TASKS)
  const offset = async (node: RedisNode, p: number) =>
    Number(await node.direct.hget(PARTITION_KEYS.position(p), 'offset'))
  const behind = await Promise.all(
    ALL.map(
      async (p) =>
        (await offset(master, p)) - Math.max(...(await Promise.all(replicas.map((r) => offset(r, p))))),
    ),
  )
  t.ok(Math.max(...behind) > 100, `they lack ${Math.max(...behind)} places of the log and more`)
  await master.kill()
  await until('another has taken over', async () => (await redis.master()) !== master, 60_000)
  await stack.nothingIsLost(t, finished, load)
  await letFollow(...replicas)
  await master.restart()
})
