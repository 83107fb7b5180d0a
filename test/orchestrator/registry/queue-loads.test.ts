import { Redis as Client } from 'ioredis'
import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import type { LoadedStep } from '../../../services/orchestrator/dispatch/held-loads.ts'
import { QueueLoads } from '../../../services/orchestrator/registry/queue-loads.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { servedOperations } from '../api/served-operations.ts'

const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
const admin = new Client(servers.redisUrl)
t.teardown(async () => {
  await redis.close()
  admin.disconnect()
})
await waitForRedis(redis, 5000)

const KEY = 'murmur:reports:queues'
const clock = createManualClock()

function orchestrator(instance: string, about: { redis?: typeof redis } = {}) {
  const { bus, ask, served } = servedOperations()
  const metrics = createMetrics()
  const known: { steps: LoadedStep[] } = { steps: [] }
  const loads = new QueueLoads({
    ...{ bus, redis: about.redis ?? redis, clock, instance, metrics, log: quietLog },
    steps: () => known.steps,
    queues: async () => ({
      steps: [
        { agent: 'ocr', priority: 1, waiting: 2, inWork: 3, oldestAgeMs: 700 },
        { agent: 'ocr', priority: 2, waiting: 1, inWork: 0, oldestAgeMs: 100 },
        { agent: 'quiet', priority: 1, waiting: 0, inWork: 0 },
      ],
    }),
  })
  loads.start()
  return { loads, known, metrics, ask, served }
}

const waits = (tenant: string, ageMs: number): LoadedStep => ({
  agent: 'ocr',
  tenant,
  sinceMs: clock.nowMs() - ageMs,
  isOut: false,
})

t.test(
  'what two orchestrators know is told by either, and what one had that is gone is left out',
  async (t) => {
    const one = orchestrator('one')
    const two = orchestrator('two')
    t.strictSame(await redis.hgetall(KEY), {}, 'who has nothing says nothing')
    one.known.steps = [waits('acme', 400), { ...waits('acme', 0), isOut: true }]
    two.known.steps = [waits('acme', 9000), waits('default', 100)]
    await clock.advance(2000)
    await until('both have told', async () => (await admin.hlen(KEY)) === 2)
    for (const { ask } of [one, two])
      t.match(await ask('listQueueLoads', {}), {
        atMs: clock.nowMs(),
        queues: [
          {
            agent: 'ocr',
            held: 3,
            queued: 3,
            inWork: 3,
            oldestAgeMs: 11_000,
            tenants: [
              { tenant: 'acme', waiting: 2, out: 1 },
              { tenant: 'default', waiting: 1, out: 0 },
            ],
          },
          { agent: 'quiet', held: 0, queued: 0, inWork: 0, oldestAgeMs: undefined, tenants: [] },
        ],
      })
    t.match(await two.metrics.expose(), /murmur_steps_parked_oldest_age_seconds\{agent="ocr"\} 11\b/)
    two.known.steps = []
    await clock.advance(2000)
    await until('it was counted again', async () => (await admin.hlen(KEY)) === 1)
    t.match(await two.metrics.expose(), /murmur_steps_parked_oldest_age_seconds\{agent="ocr"\} 0\b/)

    two.known.steps = [waits('acme', 9000)]
    await clock.advance(2000)
    await until('it has told again', async () => (await admin.hlen(KEY)) === 2)
    await two.loads.stop()
    t.strictSame(Object.keys(await redis.hgetall(KEY)), ['one'], 'who stops in order takes its report along')
    const { queues } = await one.loads.list()
    t.match(queues[0], { held: 1, oldestAgeMs: 6400 })

    await admin.hset(KEY, 'dead', JSON.stringify({ v: 1, atMs: clock.nowMs() - 5001, loads: [] }))
    await admin.hset(KEY, 'long-dead', JSON.stringify({ v: 1, atMs: clock.nowMs() - 60_001, loads: [] }))
    await admin.hset(KEY, 'broken', '{')
    t.equal((await one.loads.list()).queues[0]!.held, 1)
    t.notOk((await redis.hgetall(KEY))['long-dead'], 'it is forgotten')
    one.known.steps = []
    await clock.advance(2000)
    await until('it says nothing any more', async () => !(await admin.hget(KEY, 'one')))
    one.loads.quiesce()
    t.strictSame(one.served(), [])
    await one.loads.stop()
  },
)

t.test('where Redis refuses its keys, each tells of its own', async (t) => {
  const refuse = async () => {
    throw new Error('NOPERM')
  }
  const refusing = { ...redis, hgetall: refuse, hset: refuse, hdel: refuse } as unknown as typeof redis
  const { loads, known } = orchestrator('three', { redis: refusing })
  known.steps = [waits('acme', 400)]
  await clock.advance(2000)
  t.match((await loads.list()).queues[0], { held: 1, tenants: [{ tenant: 'acme' }] })
  await loads.stop()
})
