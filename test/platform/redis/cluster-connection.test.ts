import t, { type Test } from 'tap'
import { requireKeptKeys } from '#platform/redis/connect-redis.ts'
import { createRedis, type Redis, waitForRedis } from '#platform/redis/redis.ts'
import { RedisLockStore } from '#platform/redis/redis-lock-store.ts'
import { type RedisSurvey, surveyRedis } from '#platform/redis/redis-survey.ts'
import { startRedisCluster } from '../../support/redis-cluster.ts'
import { until } from '../../support/until.ts'

const cluster = await startRedisCluster(t, { nodeTimeoutMs: 1000 })
const KEYS = Array.from({ length: 30 }, (_, i) => `murmur:{p${i}}:x`)

async function open(t: Pick<Test, 'teardown'>, url: string): Promise<Redis> {
  const redis = createRedis(url)
  t.teardown(() => redis.close())
  await waitForRedis(redis, 10_000)
  await until('it is ready', () => redis.ready)
  return redis
}

async function inTime<T>(call: () => Promise<T>): Promise<T> {
  let answer: T
  await until('it is answered', () =>
    call().then(
      (found) => {
        answer = found
        return true
      },
      (error: { code?: string }) => {
        if (error.code !== 'UNAVAILABLE') throw error
        return false
      },
    ),
  )
  return answer!
}

t.test('one node of a cluster is named, or several: every key is found, wherever it lies', async (t) => {
  const ADD = {
    name: 'add',
    lua: "return redis.call('INCRBY', KEYS[1], ARGV[1]) + redis.call('INCRBY', KEYS[2], 1)",
  }
  for (const url of [cluster.urlOf(), cluster.clusterUrlOf(), cluster.urlOf('orchestrator')]) {
    const redis = await open(t, url)
    await Promise.all(KEYS.map((key) => inTime(() => redis.setFor(key, key, 60_000))))
    t.strictSame(await Promise.all(KEYS.map((key) => redis.get(key))), KEYS)
    t.strictSame(await redis.mget([KEYS[7]!, 'murmur:{p7}:none']), [KEYS[7], null])
    const sums = await Promise.all(
      KEYS.map((_, i) => redis.script(ADD, [`murmur:{p${i}}:a:${url}`, `murmur:{p${i}}:b:${url}`], [i])),
    )
    t.strictSame(
      sums,
      KEYS.map((_, i) => i + 1),
    )
    t.equal((await redis.info('memory')).length, 3)
    t.equal(await requireKeptKeys(redis), undefined)
    const locks = new RedisLockStore(redis)
    for (let i = 0; i < 10; i++)
      t.match(await locks.acquire({ scope: `s${i}:${url}`, name: 'n', owner: 'o' }, 1000), {
        kind: 'granted',
      })
  }
})

t.test('what it is can be asked by a probe', async (t) => {
  for (const url of [cluster.urlOf('probe'), cluster.clusterUrlOf('probe')]) {
    const survey = (await surveyRedis(url)) as RedisSurvey
    t.match(survey, { kind: 'cluster', silent: [], unservedSlots: 0 })
    const roles = survey.nodes.map(({ role }) => role).sort()
    t.strictSame(roles, ['master', 'master', 'master', 'replica', 'replica', 'replica'])
    t.ok(
      survey.nodes.every(({ isLinked, keepsLog, policy }) => isLinked && keepsLog && policy === 'noeviction'),
    )
  }
  t.match(await surveyRedis('redis+cluster://127.0.0.1:1'), { unanswered: /ECONNREFUSED/ })
})

t.test('a node that evicts keys is found, whichever it is', async (t) => {
  const redis = await open(t, cluster.urlOf())
  const { direct } = cluster.nodes[2]!
  await direct.config('SET', 'maxmemory-policy', 'allkeys-lru')
  await direct.config('SET', 'maxmemory', '100mb')
  await t.rejects(requireKeptKeys(redis), { code: 'REDIS_EVICTS', message: /allkeys-lru/ })
  await direct.config('SET', 'maxmemory-policy', 'noeviction')
  await direct.config('SET', 'maxmemory', '0')
})

t.test('a slot is moved while it is used: nothing is answered wrong, nothing is lost', async (t) => {
  const redis = await open(t, cluster.urlOf())
  const keys = Array.from({ length: 200 }, (_, i) => `murmur:{p3}:moved:${i}`)
  await Promise.all(keys.map((key) => redis.setFor(key, key, 60_000)))
  const slot = await cluster.slotOf(keys[0]!)
  const from = await cluster.masterOf(keys[0]!)
  const to = (await cluster.masters()).find((node) => node !== from)!
  const moved = await cluster.moveSlot(slot, to, async () => {
    const found = await Promise.all(keys.map((key) => redis.get(key)))
    t.strictSame(found, keys, 'one by one they are found on both sides')
    const error = await redis.mget(keys).catch((error: unknown) => error)
    t.match(error, { code: 'UNAVAILABLE' }, 'together not now')
    const SUM = {
      name: 'sum',
      lua: 'local n = 0 for _, k in ipairs(KEYS) do n = n + redis.call("EXISTS", k) end return n',
    }
    t.match(await redis.script(SUM, keys, []).catch((error: unknown) => error), { code: 'UNAVAILABLE' })
    const HIDDEN = { name: 'hidden', lua: 'return redis.call("EXISTS", ARGV[1])' }
    const gone = (await to.direct.keys('murmur:{p3}:moved:*'))[0]!
    const there = (await from.direct.keys('murmur:{p3}:moved:*'))[0]!
    t.match(
      await redis.script(HIDDEN, [there], [gone]).catch((error: unknown) => error),
      { code: 'UNAVAILABLE' },
      'what a script does not find here any more is no fault of the data',
    )
  })
  t.ok(moved >= keys.length)
  t.strictSame(await inTime(() => redis.mget(keys)), keys, 'and together again')
  t.equal(await cluster.masterOf(keys[0]!), to)
})

t.test(
  'a master is killed: its keys are away for a while, all others are not; then another has them',
  async (t) => {
    const redis = await open(t, cluster.urlOf('orchestrator'))
    const lost = await cluster.masterOf('murmur:{p0}:x')
    const elsewhere = (
      await Promise.all(KEYS.map(async (key) => ((await cluster.masterOf(key)) === lost ? [] : [key])))
    ).flat()
    t.ok(elsewhere.length > 0 && elsewhere.length < KEYS.length)
    const replica = await cluster.replicaOf(lost)
    await until(
      'the replica has all',
      async () => (await replica.direct.dbsize()) === (await lost.direct.dbsize()),
    )
    await lost.kill()
    const killedMs = performance.now()
    t.match(await redis.get('murmur:{p0}:x').catch((error: unknown) => error), { code: 'UNAVAILABLE' })
    t.ok(performance.now() - killedMs < 2500, 'and says so in time')
    await inTime(() => redis.setFor('murmur:{p0}:x', 'new', 60_000))
    t.comment(`writes are taken again ${Math.round(performance.now() - killedMs)} ms after the kill`)
    t.equal(await replica.info('replication', 'role'), 'master')
    t.strictSame(await Promise.all(KEYS.map((key) => inTime(() => redis.get(key)))), [
      'new',
      ...KEYS.slice(1),
    ])
    await lost.restart()
    await until('it follows its successor', () => cluster.isInStep(), 20_000)
  },
)

t.test('a master is silent: it is left, and its successor is found without a word from it', async (t) => {
  const redis = await open(t, cluster.clusterUrlOf('orchestrator'))
  const silent = await cluster.masterOf('murmur:{p1}:x')
  await inTime(() => redis.setFor('murmur:{p1}:x', 'old', 60_000))
  await silent.kill('SIGSTOP')
  const stoppedMs = performance.now()
  const serving: boolean[] = []
  redis.onServing((is) => serving.push(is))
  await until(
    'writes are taken',
    () =>
      redis.setFor('murmur:{p1}:x', 'new', 60_000).then(
        () => true,
        () => false,
      ),
    20_000,
  )
  t.comment(`writes are taken again ${Math.round(performance.now() - stoppedMs)} ms after the stop`)
  t.notOk(serving.includes(false), 'the others have answered all the time')
  await silent.kill('SIGCONT')
  await until('it follows its successor', () => cluster.isInStep(), 20_000)
  t.equal(await inTime(() => redis.get('murmur:{p1}:x')), 'new')
  await until('it is ready', () => redis.ready)
})
