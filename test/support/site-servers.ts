import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import { awaitReady, ServerProcess } from '../../deploy/local/servers/server-process.ts'
import { libraryEnvironment } from '../../deploy/local/servers/server-source.ts'
import { ServerUsers, urlFor } from '../../deploy/local/servers/server-users.ts'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { stackUsers } from '../../deploy/local/stack/stack-users.ts'
import { type SiteUser, siteServerConfig, siteUser } from '../../deploy/nats/site-server.ts'
import { freePorts } from './free-ports.ts'
import { type RouteLink, withRouteLink } from './route-link.ts'
import { withServers } from './servers.ts'

/** What `/leafz` says of the link, as the centre sees it. */
export interface LeafConnection {
  in_bytes: number
  out_bytes: number
  name: string
}

/** A centre with its Redis, and the server of a site that is a leaf of it, over a way that can be cut. */
export interface SiteServers extends LocalServers {
  readonly site: string
  /** The site's own server. */
  siteUrlOf(user: SiteUser): string
  readonly link: RouteLink
  /** Of the centre; none while the link is known to be cut. */
  leafs(): Promise<LeafConnection[]>
  /** Bytes that clients have sent to the site's own server. */
  siteBytes(): Promise<number>
}

const PASSWORD = 'site-password'

/** @param t the servers are gone when the test ends */
export async function withSiteServers(
  t: Pick<Test, 'teardown' | 'comment'>,
  site: string,
): Promise<SiteServers> {
  const { MURMUR_NATS_URL: _nats, ...env } = process.env
  const binary = await resolveNats(() => undefined, env)
  if (binary.kind !== 'binary') throw new Error('a site needs nats-servers of its own')
  const folder = mkdtempSync(join(tmpdir(), 'murmur-site-'))
  const [centrePort, centreHttp, leafPort, sitePort, siteHttp] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const { processes, guest } = stackUsers('everything')
  const users = new ServerUsers({
    guest,
    processes: {
      ...processes,
      [siteUser(site)]: { nats: [{ kind: 'site', site, agents: ['capture', 'tracking'] }], redis: [] },
    },
  })
  const link = await withRouteLink(t, leafPort)
  const { password } = users.credentialsOf(siteUser(site))!
  const configs = {
    centre: `server_name: centre
listen: "127.0.0.1:${centrePort}"
http: "127.0.0.1:${centreHttp}"
max_payload: 1048576
jetstream { store_dir: ${JSON.stringify(join(folder, 'centre', 'data'))}, max_memory_store: ${512 * 1024 ** 2}, max_file_store: ${64 * 1024 ** 3} }
# Told where the centre really is, a site would go past the link.
leafnodes { listen: "127.0.0.1:${leafPort}", no_advertise: true }
${users.natsLines}`,
    site: siteServerConfig({
      ...{ site, agents: ['capture', 'tracking'], storeDir: join(folder, 'site', 'data') },
      listen: `127.0.0.1:${sitePort}`,
      http: `127.0.0.1:${siteHttp}`,
      centreUrl: JSON.stringify(`nats-leaf://${siteUser(site)}:${password}@127.0.0.1:${link.port}`),
      passwordOf: () => JSON.stringify(PASSWORD),
    }),
  }
  const running: ServerProcess[] = []
  t.teardown(async () => {
    await Promise.all(running.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  })
  const monitor = async (port: number, path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2000) })
    return (await answer.json()) as Record<string, unknown>
  }
  for (const [name, port] of [
    ['centre', centreHttp],
    ['site', siteHttp],
  ] as const) {
    mkdirSync(join(folder, name))
    const file = join(folder, name, 'nats.conf')
    writeFileSync(file, configs[name])
    const server = await ServerProcess.spawn({
      program: binary.path,
      args: ['-c', file],
      env: libraryEnvironment(binary),
      logFile: join(folder, name, 'log'),
    })
    running.push(server)
    await awaitReady(
      name,
      server,
      async () => (await monitor(port, '/varz').catch(() => undefined))?.version as string | undefined,
    )
  }
  const natsUrl = `nats://127.0.0.1:${centrePort}`
  const beside = await withServers(t, { nats: { source: { kind: 'url', url: natsUrl } } })
  return {
    ...beside,
    ...{ site, link, natsUrl },
    natsUrlOf: (user) => urlFor(natsUrl, users.credentialsOf(user)),
    siteUrlOf: (user) => urlFor(`nats://127.0.0.1:${sitePort}`, { user, password: PASSWORD }),
    leafs: async () => ((await monitor(centreHttp, '/leafz')).leafs ?? []) as LeafConnection[],
    siteBytes: async () => (await monitor(siteHttp, '/varz')).in_bytes as number,
  }
}
