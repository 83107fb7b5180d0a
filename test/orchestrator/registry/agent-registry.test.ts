import { Redis as Client } from 'ioredis'
import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import type { AgentHeartbeat } from '#schemas/agent.ts'
import { SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { AgentRegistry, withDrain } from '../../../services/orchestrator/registry/agent-registry.ts'
import { openBus } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const redis = createRedis(servers.redisUrl)
const admin = new Client(servers.redisUrl)
t.teardown(async () => {
  await redis.close()
  admin.disconnect()
})
await waitForRedis(redis, 5000)
const clock = createManualClock()
const metrics = createMetrics()
const registry = new AgentRegistry({ bus, redis, clock, metrics, log: quietLog })
registry.start()
t.teardown(() => registry.quiesce())
await bus.flush()

/** Sends a heartbeat, and waits until it is kept. */
async function beat(instance: string, about: Partial<AgentHeartbeat> = {}): Promise<void> {
  const heartbeat: AgentHeartbeat = {
    type: 'analysis',
    instance,
    version: '2.1.0',
    capacity: 4,
    inFlight: 1,
    status: 'ready',
    startedAtMs: 1,
    ...about,
  }
  bus.publishCore(SUBJECTS.heartbeat('analysis', instance), JSON.stringify(heartbeat))
  await until('it is kept', async () => {
    const kept = await redis.hmget('murmur:agents', `analysis:${instance}`)
    const view = JSON.parse(kept[0] ?? '{}')
    return view.lastSeenMs === clock.nowMs() && view.status === heartbeat.status
  })
}
const listed = async () => (await registry.list()).map(({ instance }) => instance)

t.test('an instance is listed with its version, its capabilities and its capacity', async (t) => {
  await beat('one', { capabilities: ['gpu', 'cuda-12'] })
  t.match(await registry.list(), [
    { type: 'analysis', instance: 'one', version: '2.1.0', capabilities: ['gpu', 'cuda-12'], capacity: 4 },
  ])
})

t.test('one that falls silent is not listed within five seconds, one that drains is', async (t) => {
  await beat('two', { status: 'draining' })
  t.strictSame(await listed(), ['one', 'two'])
  await clock.advance(4000)
  await beat('two', { status: 'draining' })
  t.strictSame(await listed(), ['one', 'two'], 'three lost heartbeats are no death')
  await clock.advance(999)
  t.strictSame(await listed(), ['two'])
  await beat('one')
  t.strictSame(await listed(), ['one', 'two'], 'it was its network')
})

t.test('one that is drained is so when it obeys and has nothing in work', async (t) => {
  const heard = { ...(await registry.list())[0]!, status: 'ready' as const, cordoned: false, inFlight: 0 }
  const mark = { sinceMs: 7, reason: 'more memory' }
  t.equal(withDrain(heard, undefined), heard)
  t.match(withDrain(heard, mark), { status: 'draining', drain: mark }, 'it has not said that it obeys')
  const obeys = { ...heard, status: 'draining' as const, cordoned: true }
  t.match(withDrain({ ...obeys, inFlight: 2 }, mark), { status: 'draining', drain: mark })
  t.match(withDrain(obeys, { sinceMs: 7 }), { status: 'drained', drain: { sinceMs: 7, reason: undefined } })
  t.match(withDrain({ ...obeys, cordoned: false }, mark), { status: 'draining' }, 'it stops')
})

t.test('one that has stopped is not listed any more', async (t) => {
  await beat('two', { status: 'stopped' })
  t.strictSame(await listed(), ['one'])
})

t.test('Redis is emptied: the registry is back after one heartbeat', async (t) => {
  await admin.flushall()
  t.strictSame(await listed(), [])
  await beat('one')
  t.strictSame(await listed(), ['one'])
})

t.test('figures of a type of which nobody is left are at nothing', async (t) => {
  const figure = async () =>
    /murmur_agent_instances\{[^}]*agent="analysis"[^}]*\} (\d+)/.exec(await metrics.expose())?.[1]
  t.equal(await figure(), '1')
  await clock.advance(60_001)
  t.equal(await figure(), '0')
  t.equal(await admin.hlen('murmur:agents'), 0, 'and nothing of it is kept')
})

t.test(
  'instances that register with two orchestrators at the same moment get queues of their own',
  async (t) => {
    await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
    const others = await Promise.all([openBus(t, servers.natsUrl), openBus(t, servers.natsUrl)])
    const redisOfOther = createRedis(servers.redisUrl)
    const other = new AgentRegistry({ bus: others[0], redis: redisOfOther, clock, metrics, log: quietLog })
    await waitForRedis(redisOfOther, 5000)
    t.teardown(() => redisOfOther.close())
    other.start()
    t.teardown(() => other.quiesce())
    await others[0].flush()
    const register = (instance: string) =>
      others[1].request(
        SERVICES.registerAgent,
        { type: 'crowded', instance, ownQueue: true },
        { timeoutMs: 20_000 },
      ) as Promise<{ queue?: number }>
    const given = await Promise.all(Array.from({ length: 16 }, (_, i) => register(`i-${i}`)))
    const numbers = given.map(({ queue }) => queue ?? -1).sort((a, b) => a - b)
    t.strictSame(
      numbers,
      Array.from({ length: 16 }, (_, i) => i),
    )
    t.equal((await register('i-3')).queue, given[3]!.queue, 'the same again')
    t.equal((await register('one-too-many')).queue, undefined)
  },
)
