import { Redis as Client } from 'ioredis'
import t, { type Test } from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { requireKeptKeys } from '#platform/redis/connect-redis.ts'
import { createRedis, type Redis, waitForRedis } from '#platform/redis/redis.ts'
import { withLinkProxy } from '../../support/link-proxy.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const direct = new Client(servers.redisUrl)
t.teardown(() => direct.disconnect())

async function open(t: Pick<Test, 'teardown'>, url: string): Promise<Redis> {
  const redis = createRedis(url)
  t.teardown(() => redis.close())
  await waitForRedis(redis, 5000)
  return redis
}

async function errorOf(
  call: Promise<unknown>,
): Promise<{ code?: string; retryAfterMs?: number; name: string }> {
  try {
    await call
  } catch (error) {
    return error as { name: string }
  }
  throw new Error('it should have been refused')
}

t.test('a connection that stalls: commands fail in time with a hint, and another one is made', async (t) => {
  const proxy = await withLinkProxy(t, Number(new URL(servers.redisUrl).port))
  const redis = await open(t, proxy.through(servers.redisUrl))
  const serving: boolean[] = []
  redis.onServing((is) => serving.push(is))
  await until('it is ready', () => redis.ready)
  proxy.stall()
  const stalledMs = performance.now()
  const errors = await Promise.all([errorOf(redis.get('a')), errorOf(redis.hset('h', 'f', 'v'))])
  t.ok(performance.now() - stalledMs < 4000, 'within the time of a command, and some')
  for (const error of errors) {
    t.type(error, MurmurError)
    t.match(error, { code: 'UNAVAILABLE', retryAfterMs: 1000, cause: Error })
  }
  await until('it says that it does not serve', () => serving.at(-1) === false)
  t.notOk(redis.ready)
  t.ok(performance.now() - stalledMs < 4000, 'soon')
  const early = performance.now()
  await errorOf(redis.get('a'))
  t.ok(performance.now() - early < 2500, 'and while it is away, calls fail fast')
  proxy.heal()
  const healedMs = performance.now()
  await until('it serves again', () => redis.ready)
  t.ok(performance.now() - healedMs < 5000, `after ${Math.round(performance.now() - healedMs)} ms`)
  t.equal(serving.at(-1), true)
  t.equal(await redis.get('a'), null)
})

t.test('nobody asks anything, and yet a stalled connection is noticed and made anew', async (t) => {
  const proxy = await withLinkProxy(t, Number(new URL(servers.redisUrl).port))
  const redis = await open(t, proxy.through(servers.redisUrl))
  await until('it is ready', () => redis.ready)
  proxy.stall()
  proxy.heal()
  await until('the old connection is given up', () => !redis.ready, 5000)
  await until('there is a new one', () => redis.ready, 5000)
  t.equal(await redis.get('a'), null)
})

t.test(
  'what is wrong with a command is told as it is; a server that can not serve is told from it',
  async (t) => {
    const redis = await open(t, servers.redisUrl)
    await direct.set('text', 'x')
    const wrong = await errorOf(redis.hset('text', 'f', 'v'))
    t.equal(wrong.name, 'ReplyError')
    t.notOk(wrong instanceof MurmurError, 'a fault of ours is no 503')
    const script = { name: 'broken', lua: "return redis.call('HGET', KEYS[1], 'f')" }
    t.equal((await errorOf(redis.script(script, ['text'], []))).name, 'ReplyError')

    await direct.config('SET', 'maxmemory', '1')
    const full = { name: 'writes', lua: "return redis.call('SET', KEYS[1], ARGV[1])" }
    t.match(await errorOf(redis.setFor('k', 'v', 1000)), { code: 'UNAVAILABLE', message: /OOM/ })
    t.match(await errorOf(redis.script(full, ['k'], ['v'])), { code: 'UNAVAILABLE', message: /OOM/ })
    t.notOk(redis.ready, 'it answers, and is not ready for work')
    await direct.config('SET', 'maxmemory', '0')
    await until('it is ready again, without anybody asking', () => redis.ready)

    await direct.replicaof('127.0.0.1', 1)
    t.match(await errorOf(redis.setFor('k', 'v', 1000)), { code: 'UNAVAILABLE', message: /READONLY/ })
    await direct.replicaof('NO', 'ONE')
    await until('it is a master again', () => redis.ready)
  },
)

t.test('a server that ends and starts again', async (t) => {
  const redis = await open(t, servers.redisUrl)
  await servers.killRedis()
  const startedMs = performance.now()
  t.match(await errorOf(redis.get('a')), { code: 'UNAVAILABLE', retryAfterMs: 1000 })
  t.ok(performance.now() - startedMs < 1000)
  await until('it knows', () => !redis.ready, 1000)
  await servers.restartRedis()
  await until('it is back', () => redis.ready, 5000)
  t.equal(await redis.get('a'), null)
})

t.test('a server that may evict keys is refused; one that may not be asked is told', async (t) => {
  const redis = await open(t, servers.redisUrl)
  t.equal(await requireKeptKeys(redis), undefined)
  await direct.config('SET', 'maxmemory-policy', 'allkeys-lru')
  t.equal(await requireKeptKeys(redis), undefined, 'without a limit nothing is ever evicted')
  await direct.config('SET', 'maxmemory', '100mb')
  await t.rejects(requireKeptKeys(redis), { code: 'REDIS_EVICTS', message: /allkeys-lru/ })
  await direct.config('SET', 'maxmemory-policy', 'noeviction')
  t.equal(await requireKeptKeys(redis), undefined)
  await direct.config('SET', 'maxmemory', '0')
  await direct.call('ACL', 'SETUSER', 'blind', 'on', '>x', '~*', '+@all', '-info')
  const blind = await open(t, servers.redisUrl.replace('://', '://blind:x@'))
  t.match(await requireKeptKeys(blind), /NOPERM|permission/)
})

t.test('without a server, waiting ends after its time, and says meanwhile what is missing', async (t) => {
  const nowhere = createRedis('redis://127.0.0.1:1')
  t.teardown(() => nowhere.close())
  let said = 0
  await t.rejects(
    waitForRedis(nowhere, 200, () => said++),
    { code: 'UNAVAILABLE' },
  )
  t.ok(said > 0)
})
