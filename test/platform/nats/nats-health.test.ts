import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { untilConnected } from '#platform/nats/until-connected.ts'
import { type Log, silentLog } from '#platform/telemetry/logger.ts'
import { connectionChecks } from '#platform/telemetry/readiness.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

t.test('a NATS that stands still is told from one that answers', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const check = () => connectionChecks(['nats'], { nats: bus }).nats
  t.match(check(), { ok: true, detail: /answers, \d/ })
  await servers.killNats('SIGSTOP')
  await until('the silence is noticed', () => !bus.answers, 8000)
  t.match(check(), { ok: false, code: 'UNAVAILABLE' })
  await servers.killNats('SIGCONT')
  await until('it answers again', () => bus.answers, 15_000)
  t.match(connectionChecks(['nats', 'redis'], { nats: bus }), { nats: { ok: true }, redis: { ok: false } })
})

t.test(
  'a service waits for a server that is not there yet, says so, and takes no other fault for that',
  async (t) => {
    let tries = 0
    const said: string[] = []
    const log = { ...silentLog, warn: (_about: object, text: string) => said.push(text) } as unknown as Log
    const connected = await untilConnected(async () => {
      if (++tries < 3) throw new MurmurError('UNAVAILABLE', 'no NATS server answers')
      return 'there'
    }, log)
    t.equal(connected, 'there')
    t.strictSame(said, ['waiting for NATS'], 'not at every try')
    const old = async () => Promise.reject(new MurmurError('SERVER_TOO_OLD', 'too old'))
    await t.rejects(untilConnected(old, log), { code: 'SERVER_TOO_OLD' })
    const away = async () => Promise.reject(new MurmurError('UNAVAILABLE', 'away'))
    await t.rejects(untilConnected(away, log, 100), { code: 'UNAVAILABLE' })
  },
)
