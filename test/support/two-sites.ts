import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import { ServerUsers, urlFor } from '../../deploy/local/servers/server-users.ts'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { stackUsers } from '../../deploy/local/stack/stack-users.ts'
import { siteConfig } from '../../deploy/nats/second-site.ts'
import { freePorts } from './free-ports.ts'
import { NatsNode } from './nats-cluster.ts'
import { type RouteLink, withRouteLink } from './route-link.ts'
import { withServers } from './servers.ts'

/** A NATS of its own, in a JetStream domain of its own, with a Redis beside it. */
export interface Site extends LocalServers {
  readonly node: NatsNode
}

/** Two sites, the second linked to the first as `second-site.ts config` says; all is gone when the test ends. */
export async function withTwoSites(
  t: Pick<Test, 'teardown' | 'comment'>,
): Promise<{ first: Site; second: Site; link: RouteLink }> {
  const { MURMUR_NATS_URL: _nats, ...env } = process.env
  const binary = await resolveNats(() => undefined, env)
  if (binary.kind !== 'binary') throw new Error('two sites need a nats-server of their own')
  const folder = mkdtempSync(join(tmpdir(), 'murmur-sites-'))
  const [linkPort, ...ports] = (await freePorts(5)) as [number, number, number, number, number]
  const link = await withRouteLink(t, linkPort)
  const config = siteConfig({ first: 'east', second: 'west' })
  const start = async (name: string, own: [number, number], lines: (users: string) => string) => {
    const users = new ServerUsers(stackUsers('everything'))
    const home = join(folder, name)
    mkdirSync(home)
    const node = new NatsNode({ name, ports: own, folder: home, binary })
    writeFileSync(
      node.configFile,
      `server_name: ${name}
listen: "127.0.0.1:${own[0]}"
http: "127.0.0.1:${own[1]}"
jetstream { store_dir: ${JSON.stringify(join(home, 'data'))}, domain: ${name} }
${lines(users.natsLines)}`,
    )
    t.teardown(() => node.stop())
    await node.start()
    const beside = await withServers(t, { nats: { source: { kind: 'url', url: node.url } } })
    const natsUrlOf = (user: string) => urlFor(node.url, users.credentialsOf(user))
    return { ...beside, node, natsUrl: node.url, natsUrlOf }
  }
  // Of the first account, that of the platform, the user of the link is one.
  const user = config.user.replace('$NATS_PASSWORD_SECOND_SITE', '"link"')
  const first = await start('east', [ports[0], ports[1]], (users) => {
    const withLink = users.replace('users: [', `users: [\n${user}`)
    return `${leafnodes(config.first).replace('0.0.0.0:7422', `127.0.0.1:${linkPort}`)}\n${withLink}`
  })
  const second = await start('west', [ports[2], ports[3]], (users) => {
    const remote = leafnodes(config.second).replace('PASSWORD@FIRST:7422', `link@127.0.0.1:${link.port}`)
    return `${remote.replace('{ remotes', '{ reconnect: 1, remotes')}\n${users}`
  })
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return { first, second, link }
}

/** Without the line of the domain, which stands in the block of JetStream. */
function leafnodes(config: string): string {
  return config.split('\n').slice(1).join('\n')
}
