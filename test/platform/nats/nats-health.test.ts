import t from 'tap'
import { natsCheck, redisCheck } from '#platform/telemetry/health-server.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

t.test('a NATS that stands still is told from one that answers', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const check = () => natsCheck(bus)
  t.match(check(), { ok: true, detail: /answers, \d/ })
  await servers.killNats('SIGSTOP')
  await until('the silence is noticed', () => !bus.answers, 8000)
  t.match(check(), { ok: false, code: 'UNAVAILABLE' })
  await servers.killNats('SIGCONT')
  await until('it answers again', () => bus.answers, 15_000)
  t.match(
    { nats: natsCheck(bus), redis: redisCheck(undefined) },
    { nats: { ok: true }, redis: { ok: false } },
  )
})
