import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createRedis, type Redis, waitForRedis } from '#platform/redis/redis.ts'
import { type RedisSurvey, surveyRedis } from '#platform/redis/redis-survey.ts'
import { startRedisSentinels } from '../../support/redis-sentinels.ts'
import { until } from '../../support/until.ts'

const set = await startRedisSentinels(t, { downAfterMs: 1000 })

async function open(t: Pick<Test, 'teardown'>, url: string): Promise<Redis> {
  const redis = createRedis(url)
  t.teardown(() => redis.close())
  await waitForRedis(redis, 10_000)
  await until('it is ready', () => redis.ready)
  return redis
}

const isWritten = (redis: Redis, value: string) =>
  redis.setFor('murmur:ping', value, 60_000).then(
    () => true,
    (error: { code?: string }) => {
      if (error.code !== 'UNAVAILABLE') throw error
      return false
    },
  )

t.test('sentinels name the master; one of them may be away', async (t) => {
  const [first] = set.sentinels as [(typeof set.sentinels)[number]]
  await first.kill('SIGSTOP')
  t.teardown(() => first.kill('SIGCONT'))
  const redis = await open(t, set.urlOf('edge'))
  t.ok(await isWritten(redis, 'a'))
  t.equal(await set.nodes[0]!.direct.get('murmur:ping'), 'a')
})

t.test('what it is can be asked by a probe', async (t) => {
  const survey = (await surveyRedis(set.urlOf('probe'))) as RedisSurvey
  t.match(survey, { kind: 'sentinel', silent: [], sentinels: { answering: 3, known: 3 } })
  t.strictSame(
    survey.nodes.map(({ role }) => role),
    ['master', 'replica', 'replica'],
  )
  t.match(survey.nodes[0], { replicas: 2, needsReplicas: false })
  await set.nodes[0]!.direct.config('SET', 'min-replicas-to-write', '1')
  t.match(((await surveyRedis(set.urlOf('probe'))) as RedisSurvey).nodes[0], { needsReplicas: true })
  await set.nodes[0]!.direct.config('SET', 'min-replicas-to-write', '0')
  t.match(await surveyRedis('redis+sentinel://127.0.0.1:1/main'), { unanswered: /no sentinel answers/ })
})

t.test('the master is killed: its successor is found', async (t) => {
  const redis = await open(t, set.urlOf('edge'))
  const old = await set.master()
  await old.kill()
  const killedMs = performance.now()
  await until('writes are taken', () => isWritten(redis, 'b'), 20_000)
  t.comment(`writes are taken again ${Math.round(performance.now() - killedMs)} ms after the kill`)
  const master = await set.master()
  t.not(master, old)
  t.equal(await master.direct.get('murmur:ping'), 'b')
})

t.test('sentinels that ask for user and password', async (t) => {
  const guarded = await startRedisSentinels(t, { replicas: 0, password: 'secret' })
  const file = join(t.testdir(), 'sentinel')
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, 'watcher\nsecret\n')
  const stranger = createRedis(guarded.urlOf('edge'))
  t.teardown(() => stranger.close())
  await t.rejects(waitForRedis(stranger, 300), { code: 'UNAVAILABLE' })
  process.env.MURMUR_REDIS_SENTINEL_CREDENTIALS = file
  t.teardown(() => {
    delete process.env.MURMUR_REDIS_SENTINEL_CREDENTIALS
  })
  const redis = await open(t, guarded.urlOf('edge'))
  t.ok(await isWritten(redis, 'd'))
})
