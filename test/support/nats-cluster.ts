import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import { awaitReady, ServerProcess } from '../../deploy/local/servers/server-process.ts'
import { libraryEnvironment, type ServerBinary } from '../../deploy/local/servers/server-source.ts'
import { ServerUsers, urlFor } from '../../deploy/local/servers/server-users.ts'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { stackUsers } from '../../deploy/local/stack/stack-users.ts'
import { freePorts } from './free-ports.ts'
import { type RouteLink, withRouteLink } from './route-link.ts'
import { withServers } from './servers.ts'
import { until } from './until.ts'

export interface NatsClusterOptions {
  /** By default three. */
  size?: number
  /** `always` is what a cluster needs that is to lose nothing when all of it loses power. */
  syncInterval?: string
  /** Ways between the servers that can be cut; without them they talk to each other directly. */
  hasLinks?: boolean
}

/** One server of the cluster. It may be killed, frozen and started again on its ports and data. */
export class NatsNode {
  readonly name: string
  readonly port: number
  readonly #monitorPort: number
  readonly #folder: string
  readonly #binary: ServerBinary
  #process: ServerProcess | undefined

  constructor(about: { name: string; ports: [number, number]; folder: string; binary: ServerBinary }) {
    this.name = about.name
    this.#folder = about.folder
    this.#binary = about.binary
    ;[this.port, this.#monitorPort] = about.ports
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  get isAlive(): boolean {
    return this.#process !== undefined && !this.#process.hasEnded
  }

  get configFile(): string {
    return join(this.#folder, 'nats.conf')
  }

  /** Resolves when it answers; it may not be current yet. */
  async start(): Promise<void> {
    const server = await ServerProcess.spawn({
      program: this.#binary.path,
      args: ['-c', this.configFile],
      env: libraryEnvironment(this.#binary),
      logFile: join(this.#folder, 'log'),
    })
    this.#process = server
    await awaitReady(
      this.name,
      server,
      async () => (await this.monitor('/varz'))?.version as string | undefined,
    )
  }

  /** What its monitor says; undefined when it does not answer. */
  async monitor(path: string): Promise<Record<string, unknown> | undefined> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#monitorPort}${path}`, {
        signal: AbortSignal.timeout(2000),
      })
      return answer.ok ? ((await answer.json()) as Record<string, unknown>) : undefined
    } catch {
      return undefined
    }
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    await this.#process!.kill(signal)
  }

  /** In order: it hands over what it leads first. */
  async stop(): Promise<void> {
    await this.#process?.stop()
  }
}

interface Led {
  name: string
  cluster?: { leader?: string }
}

/** Of what `/jsz` says. */
interface Jsz {
  meta_cluster?: { leader?: string }
  account_details?: { stream_detail?: (Led & { consumer_detail?: Led[] })[] }[]
}

interface MetaCluster {
  /** Told by who leads. */
  replicas?: { current: boolean; offline?: boolean }[]
}

/** Three real servers, one cluster, and a Redis beside them. */
export interface NatsCluster extends LocalServers {
  readonly nodes: readonly NatsNode[]
  /** The server by its name. */
  node(name: string): NatsNode
  /** Addresses of some of them only, for a client that is to begin with these. */
  urlOfNodes(nodes: readonly NatsNode[], user?: string): string
  /** Who places streams and consumers; waits until there is one. */
  metaLeader(): Promise<NatsNode>
  /** What the others lead in the place of a server that died, by name of stream or consumer, `meta` for the cluster. */
  ledWithout(node: NatsNode): Promise<Set<string>>
  /** Cuts every way between this server and the others. Only with `hasLinks`. */
  cutOff(node: NatsNode): void
  healAll(): void
  /** Resolves when every server sees the others and there is somebody who places streams. */
  untilWhole(): Promise<void>
}

/** @param t the servers are gone when the test ends */
export async function withNatsCluster(
  t: Pick<Test, 'teardown' | 'comment'>,
  options: NatsClusterOptions = {},
): Promise<NatsCluster> {
  const { size = 3, syncInterval = '2s', hasLinks = false } = options
  const binary = await resolveNats(() => undefined, withoutUrl())
  if (binary.kind !== 'binary') throw new Error('a cluster needs a nats-server of its own')
  const folder = mkdtempSync(join(tmpdir(), 'murmur-cluster-'))
  const users = new ServerUsers(stackUsers('everything'))
  const ports = await freePorts(3 * size)
  const routePorts = ports.slice(2 * size)
  const nodes = Array.from({ length: size }, (_, i) => {
    const home = join(folder, `n${i + 1}`)
    mkdirSync(home)
    const own: [number, number] = [ports[2 * i]!, ports[2 * i + 1]!]
    return new NatsNode({ name: `n${i + 1}`, ports: own, folder: home, binary })
  })
  t.teardown(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
    rmSync(folder, { recursive: true, force: true })
  })
  const links = new Map<string, RouteLink>()
  for (const [from, node] of nodes.entries()) {
    const routes: number[] = []
    for (const [to, port] of routePorts.entries()) {
      if (to === from) continue
      const link = hasLinks ? await withRouteLink(t, port) : undefined
      if (link) links.set(`${node.name}>${nodes[to]!.name}`, link)
      routes.push(link?.port ?? port)
    }
    writeFileSync(
      node.configFile,
      nodeConfig({
        ...{ node, folder: join(folder, node.name), syncInterval, routes, users },
        routePort: routePorts[from]!,
        monitorPort: ports[2 * from + 1]!,
        isHidden: hasLinks,
      }),
    )
  }
  await Promise.all(nodes.map((node) => node.start()))
  const urlOfNodes = (some: readonly NatsNode[], user?: string) =>
    some.map(({ url }) => urlFor(url, user === undefined ? undefined : users.credentialsOf(user))).join(',')
  const natsUrl = urlOfNodes(nodes)
  const beside = await withServers(t, { nats: { source: { kind: 'url', url: natsUrl } } })
  const cluster: NatsCluster = {
    ...beside,
    ...{ nodes, urlOfNodes, natsUrl },
    natsUrlOf: (user) => urlOfNodes(nodes, user),
    node: (name) => nodes.find((node) => node.name === name)!,
    async metaLeader() {
      let leader: NatsNode | undefined
      await until(
        'there is a meta leader',
        async () => {
          const all = await Promise.all(nodes.map((node) => node.monitor('/jsz')))
          const named = all.flatMap(
            (jsz) => (jsz?.meta_cluster as { leader?: string } | undefined)?.leader ?? [],
          )
          leader = nodes.find(({ name, isAlive }) => isAlive && named.includes(name))
          return leader !== undefined
        },
        30_000,
      )
      return leader!
    },
    async ledWithout(node) {
      const led = new Set<string>()
      for (const other of nodes.filter((each) => each !== node)) {
        const jsz = (await other.monitor('/jsz?consumers=true')) as Jsz | undefined
        if (jsz?.meta_cluster?.leader && jsz.meta_cluster.leader !== node.name) led.add('meta')
        for (const { stream_detail: streams = [] } of jsz?.account_details ?? [])
          for (const { name, cluster, consumer_detail: consumers = [] } of streams)
            for (const each of [{ name, cluster }, ...consumers])
              if (each.cluster?.leader && each.cluster.leader !== node.name) led.add(each.name)
      }
      return led
    },
    cutOff(node) {
      for (const [name, link] of links) if (name.split('>').includes(node.name)) link.cut()
    },
    healAll() {
      for (const link of links.values()) link.heal()
    },
    async untilWhole() {
      await until(
        'every server sees the others',
        async () => {
          const all = await Promise.all(nodes.map((node) => node.monitor('/jsz')))
          // Who leads says of whom it has heard: nobody else is given copies.
          return all.some((jsz) => {
            const meta = jsz?.meta_cluster as MetaCluster | undefined
            const others = meta?.replicas ?? []
            return (
              all.every((other) => other !== undefined) &&
              others.length === size - 1 &&
              others.every(({ current, offline }) => current && offline !== true)
            )
          })
        },
        30_000,
      )
    },
  }
  await cluster.untilWhole()
  return cluster
}

function nodeConfig(of: {
  node: NatsNode
  folder: string
  monitorPort: number
  routePort: number
  routes: readonly number[]
  syncInterval: string
  users: ServerUsers
  isHidden: boolean
}): string {
  const { node, folder, monitorPort, routePort, routes, syncInterval, users, isHidden } = of
  const urls = routes.map((port) => `"nats-route://127.0.0.1:${port}"`).join(', ')
  // Servers tell each other where others are: past the links they are not to find them.
  const advertised = isHidden ? 'advertise: "127.0.0.1:1"' : ''
  return `server_name: ${node.name}
listen: "127.0.0.1:${node.port}"
http: "127.0.0.1:${monitorPort}"
server_tags: ["zone:${node.name}", "all"]
max_payload: 1048576
jetstream {
  store_dir: ${JSON.stringify(join(folder, 'data'))}
  max_memory_store: ${512 * 1024 ** 2}
  max_file_store: ${64 * 1024 ** 3}
  sync_interval: ${syncInterval}
}
cluster {
  name: murmur-test
  listen: "127.0.0.1:${routePort}"
  routes: [${urls}]
  ${advertised}
}
${users.natsLines}`
}

function withoutUrl(): NodeJS.ProcessEnv {
  const { MURMUR_NATS_URL: _nats, ...env } = process.env
  return env
}
