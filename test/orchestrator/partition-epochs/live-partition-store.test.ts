import t from 'tap'
import { LivePartitionStore } from '../../../services/orchestrator/partition-epochs/live-partition-store.ts'
import { createRedis, waitForRedis } from '../../../services/platform/redis/redis.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
t.teardown(() => redis.close())
await waitForRedis(redis, 10_000)

t.test(
  'a partition that there is not has nothing, and that is known; one that there is may not be known yet',
  async (t) => {
    const asked: number[] = []
    const store = new LivePartitionStore(redis, undefined, (partition) => {
      asked.push(partition)
      return partition < 2 ? true : Promise.resolve(false)
    })
    t.equal(await store.position(1), undefined)
    t.match(await store.position(7), { level: true, offset: Number.MAX_SAFE_INTEGER })
    t.strictSame(await store.readTasks(7, ['a', 'b']), [undefined, undefined])
    t.strictSame(await store.readTasks(0, ['a']), [undefined])
    t.strictSame(asked, [1, 7, 7, 0])
  },
)
