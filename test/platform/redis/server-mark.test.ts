import t from 'tap'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { ServerMark } from '#platform/redis/server-mark.ts'
import { withServers } from '../../support/servers.ts'

t.test('a server that has started again is another one, until it is noted', async (t) => {
  const servers = await withServers(t)
  // As a service may ask: INFO within a script is bound to the rights of its user too.
  const redis = createRedis(servers.redisUrlOf('orchestrator'))
  t.teardown(() => redis.close())
  await waitForRedis(redis, 5000)
  const mark = new ServerMark(redis, 'murmur:{objects}:server')
  const first = await mark.another()
  t.match(first, { id: /^[0-9a-f]{40}$/, isFirst: true })
  await mark.note('0'.repeat(40))
  t.match(await mark.another(), { isFirst: true }, 'only who answers can be noted')
  await mark.note(first!.id)
  t.equal(await mark.another(), undefined)

  await servers.restartRedis()
  await waitForRedis(redis, 5000)
  const second = await mark.another()
  t.match(second, { isFirst: false })
  t.not(second!.id, first!.id)
  await mark.note(first!.id)
  t.same(await mark.another(), second)
  await mark.note(second!.id)
  t.equal(await mark.another(), undefined)
})
