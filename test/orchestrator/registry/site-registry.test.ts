import { Redis as Client } from 'ioredis'
import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import type { SiteHeartbeat } from '#schemas/site.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { SiteRegistry } from '../../../services/orchestrator/registry/site-registry.ts'
import { openBus } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const DAY_MS = 24 * 3600 * 1000
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
const registry = new SiteRegistry({ bus, redis, clock, log: quietLog, metrics })
registry.start()
t.teardown(() => registry.quiesce())
await bus.flush()

const beatOf = (site: string, about: Partial<SiteHeartbeat> = {}): SiteHeartbeat => ({
  ...{ site, instance: 'keeper-1', version: '0.1.0', startedAtMs: 1, waiting: 0, lost: 0 },
  ...about,
})
/** Sends a heartbeat, and waits until it is kept. */
async function beat(site: string, about: Partial<SiteHeartbeat> = {}): Promise<void> {
  bus.publishCore(SUBJECTS.siteHeartbeat(site), JSON.stringify(beatOf(site, about)))
  await until('it is kept', async () => {
    const kept = JSON.parse((await admin.hget('murmur:sites', site)) ?? '{}')
    return kept.lastSeenMs === clock.nowMs() && kept.waiting === (about.waiting ?? 0)
  })
}

t.test('a link is up as long as its site is heard, and known to be down since when', async (t) => {
  await beat('yard')
  const upMs = clock.nowMs()
  await clock.advance(1000)
  await beat('yard', { waiting: 3 })
  const [up] = await registry.list()
  t.strictSame(up, { site: 'yard', link: 'up', sinceMs: upMs, lastSeenMs: upMs + 1000, waiting: 3, lost: 0 })
  await clock.advance(3000)
  t.equal((await registry.list())[0]?.link, 'up')
  await clock.advance(1)
  t.match(await registry.list(), [{ link: 'down', sinceMs: upMs + 1000 }])
  t.match(await metrics.expose(), 'murmur_site_up{site="yard"} 0')
  const other = new SiteRegistry({ bus, redis, clock, log: quietLog, metrics: createMetrics() })
  t.match(await other.list(), [{ link: 'down', sinceMs: upMs + 1000 }], 'as one that has just started knows')
  await clock.advance(3_600_000)
  await beat('yard')
  t.match(await registry.list(), [{ link: 'up', sinceMs: clock.nowMs() }])
})

t.test('by name, and none that was silent for a month', async (t) => {
  await beat('gate')
  t.strictSame(
    (await registry.list()).map(({ site }) => site),
    ['gate', 'yard'],
  )
  await clock.advance(30 * DAY_MS + 1)
  t.strictSame(await registry.list(), [])
  t.equal(await admin.hlen('murmur:sites'), 0)
})

t.test('what is no heartbeat of that site is not kept', async (t) => {
  bus.publishCore(SUBJECTS.siteHeartbeat('yard'), JSON.stringify(beatOf('gate')))
  bus.publishCore(SUBJECTS.siteHeartbeat('yard'), '{"site":"yard"}')
  bus.publishCore(SUBJECTS.siteHeartbeat('yard'), 'x'.repeat(5000))
  await beat('last')
  t.strictSame(
    (await registry.list()).map(({ site }) => site),
    ['last'],
  )
})
