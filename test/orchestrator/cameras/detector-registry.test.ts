import { Redis as Client } from 'ioredis'
import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import type { DetectorHeartbeat } from '#schemas/detection.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { DetectorRegistry } from '../../../services/orchestrator/cameras/detector-registry.ts'
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
const registry = new DetectorRegistry({ bus, redis, clock, log: quietLog, metrics })
registry.start()
t.teardown(() => registry.quiesce())
await bus.flush()

const kept = (instance: string) => admin.hget('murmur:detectors', instance)

/** Sends a heartbeat, and waits until it is kept, or forgotten where it stops. */
async function beat(instance: string, about: Partial<DetectorHeartbeat> = {}): Promise<void> {
  const body: DetectorHeartbeat = {
    ...{ instance, models: ['yolox-nano'], provider: 'cpu', fps: 38.5, busyMs: 20 },
    ...{ status: 'ready', startedAtMs: 1, ...about },
  }
  bus.publishCore(SUBJECTS.detectorHeartbeat(instance), JSON.stringify(body))
  await until('it is heard', async () => {
    const now = await kept(instance)
    return body.status === 'stopped'
      ? now === null
      : now !== null && JSON.parse(now).lastSeenMs === clock.nowMs()
  })
}

t.test('ready, hung, silent and gone, told to all and as figures', async (t) => {
  await beat('b')
  await beat('a', { busyMs: 9000, answeredAtMs: 5 })
  const states = async () => (await registry.list()).map(({ instance, state }) => `${instance} ${state}`)
  t.strictSame(await states(), ['a hung', 'b ready'])
  await clock.advance(4501)
  await beat('b')
  t.strictSame(await states(), ['a silent', 'b ready'])
  t.match(await registry.list(), [{ fps: 0, answeredAtMs: 5, models: ['yolox-nano'] }, { fps: 38.5 }])
  const text = await metrics.expose()
  t.match(text, /murmur_detectors\{state="silent"\} 1/)
  t.match(text, /murmur_detectors\{state="hung"\} 0/)
  await beat('b', { status: 'stopped' })
  t.strictSame(await states(), ['a silent'], 'who says that it stops is not missed')
  await clock.advance(600_000)
  t.strictSame(await states(), [])
  t.equal(await kept('a'), null)
})

t.test('a heartbeat in the name of another is not kept', async (t) => {
  const body = {
    instance: 'liar',
    models: [],
    provider: 'cpu',
    fps: 0,
    busyMs: 0,
    status: 'ready',
    startedAtMs: 1,
  }
  bus.publishCore(SUBJECTS.detectorHeartbeat('c'), JSON.stringify(body))
  await beat('c')
  t.equal(await kept('liar'), null)
})
