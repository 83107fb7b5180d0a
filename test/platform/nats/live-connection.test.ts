import t from 'tap'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { openTcpProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })

t.test(
  'what is asked ends with its connection, and what is asked meanwhile is answered by the next',
  async (t) => {
    const proxy = await openTcpProxy(t, servers.natsUrl)
    const far = await openBus(t, proxy.url)
    const arrived = new Promise<void>((resolve) => {
      t.teardown(bus.serveSubject('live.never', () => new Promise(() => resolve()), { queue: 'never' }))
    })
    t.teardown(bus.serveSubject('live.echo', () => ({ ok: true }), { queue: 'echo' }))
    await bus.flush()
    const lost = t.rejects(far.request('live.never', {}, { timeoutMs: 100_000 }), {
      code: 'UNAVAILABLE',
      message: /^nobody answers: the connection .* is away/,
    })
    await arrived
    // And a question to a stream, whose answer is cut off on its way: it is asked again.
    proxy.cutAfter(1)
    const cutOff = far.streams.facts('LOG')
    await lost
    t.ok((await cutOff).created)
    t.strictSame(await far.request('live.echo', {}, { timeoutMs: 10_000 }), { ok: true })
    await until('it is connected again', () => far.connected)
    t.ok((await far.streams.facts('LOG')).created)
  },
)
