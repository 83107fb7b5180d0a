import t from 'tap'
import { findOnPath, inspectBinary } from '../../../deploy/local/servers/find-binary.ts'
import { startCluster } from '../../support/cluster.ts'
import { startRedisCluster } from '../../support/redis-cluster.ts'
import { RedisUnderLoad } from '../../support/redis-under-load.ts'
import { LogWatch } from '../../support/task-load.ts'
import { until } from '../../support/until.ts'

const PARTITIONS = 8
const path = process.env.MURMUR_VALKEY_SERVER ?? findOnPath(['valkey-server'])
const skip =
  path === undefined && 'no valkey-server here: put one on PATH, or name it in MURMUR_VALKEY_SERVER'

t.test(
  'a cluster of Valkey of which a master is killed under load',
  { skip, timeout: 150_000 },
  async (t) => {
    const binary = await inspectBinary(path!, 'here', () => true)
    if (typeof binary === 'string') throw new Error(binary)
    const valkey = await startRedisCluster(t, { nodeTimeoutMs: 3000, binary })
    const cluster = await startCluster(t, {
      ...{ orchestrators: 2, agents: 2, partitions: PARTITIONS },
      redisUrlOf: (user) => valkey.urlOf(user),
    })
    const log = new LogWatch(cluster.bus)
    t.teardown(() => log.stop())
    const stack = new RedisUnderLoad({ cluster, log, partitions: PARTITIONS })
    const load = await stack.underWay(t, 400)
    const [master] = await valkey.masters()
    await master!.kill()
    await until('the others go on', () => valkey.isWhole(), 30_000)
    await stack.nothingIsLost(t, load)
  },
)
