import { randomUUID } from 'node:crypto'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import { resolveNats } from '../../../deploy/local/servers/resolve-nats.ts'
import { resolveRedis } from '../../../deploy/local/servers/resolve-redis.ts'
import { type LocalServers, startServers } from '../../../deploy/local/servers/start-servers.ts'
import { stackUsers, userOfMain } from '../../../deploy/local/stack/stack-users.ts'
import { Bus } from '../../../services/platform/nats/bus.ts'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import type { ProcessNote } from './checker/history.ts'
import { Journal } from './journal.ts'
import { LogTap } from './log-tap.ts'
import { ProcessUnderTest, type Version } from './process-under-test.ts'
import { TcpProxy } from './tcp-proxy.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** Within the sources, of each version. */
const MAINS = {
  orchestrator: 'services/orchestrator/main.ts',
  agent: 'test/chaos/campaign/processes/campaign-agent.ts',
}
const SKEW = fileURLToPath(new URL('./processes/skewed-clock.mjs', import.meta.url))
const PARTITIONS = 8

export interface WorldOptions {
  folder: string
  orchestrators: number
  agents: number
  storageGib: number
  /** How far the clock of an orchestrator is ahead, by its place. Milliseconds. */
  skewsMs: ReadonlyMap<number, number>
  /** Where the sources of the release before are, and with which version everything begins. */
  release?: { root: string; beginsWith: Version } | undefined
  /** Whether the log is purged behind what lives for long. */
  purges: boolean
  /** Kept from run to run, so that processes start fast. */
  compileCache: string
}

/** Servers of a run's own, and the product on them: real processes, each with links of its own to NATS and Redis. */
export class World {
  readonly processes = new Map<string, ProcessUnderTest>()
  readonly journal: Journal<ProcessNote>
  readonly handlersFile: string
  readonly clientLink: TcpProxy
  /** Past all proxies, for the eyes of the campaign. */
  readonly bus: Bus
  /** What clients use. */
  readonly clientBus: Bus
  readonly servers: LocalServers
  readonly redis: Redis
  readonly nc: NatsConnection
  readonly tap: LogTap
  readonly #options: WorldOptions
  readonly #proxies: TcpProxy[]
  readonly #added = { orchestrator: 0, agent: 0 }

  private constructor(
    options: WorldOptions,
    parts: { servers: LocalServers; clientLink: TcpProxy; bus: Bus; clientBus: Bus; nc: NatsConnection },
  ) {
    this.#options = options
    this.servers = parts.servers
    this.nc = parts.nc
    this.tap = new LogTap(parts.bus, parts.nc)
    this.redis = new Redis(parts.servers.redisUrl)
    this.redis.on('error', () => undefined)
    this.clientLink = parts.clientLink
    this.bus = parts.bus
    this.clientBus = parts.clientBus
    this.#proxies = [parts.clientLink]
    this.journal = new Journal(options.folder, 'processes')
    this.handlersFile = join(options.folder, 'handlers.jsonl')
  }

  static async start(options: WorldOptions): Promise<World> {
    mkdirSync(join(options.folder, 'logs'), { recursive: true })
    const { MURMUR_NATS_URL: _nats, MURMUR_REDIS_URL: _redis, ...env } = process.env
    const quiet = () => undefined
    const servers = await startServers({
      dataDir: join(options.folder, 'servers'),
      logDir: join(options.folder, 'logs'),
      users: stackUsers('everything'),
      nats: { source: await resolveNats(quiet, env) },
      redis: { source: await resolveRedis(quiet, env) },
    })
    const clientLink = await TcpProxy.open(portOf(servers.natsUrl))
    const bus = await Bus.connect({ url: servers.natsUrl, name: 'campaign' })
    const clientBus = await Bus.connect({ url: withPort(servers.natsUrl, clientLink.port), name: 'clients' })
    const nc = await connect({ servers: servers.natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
    const world = new World(options, { servers, clientLink, bus, clientBus, nc })
    try {
      await world.#begin()
    } catch (error) {
      await world.stop()
      throw error
    }
    return world
  }

  async #begin(): Promise<void> {
    const { orchestrators, agents, purges, release } = this.#options
    for (let i = 0; i < orchestrators; i++) await this.add('orchestrator')
    for (let i = 0; i < agents; i++) await this.add('agent')
    await Promise.all([...this.processes.values()].map((process) => process.start()))
    // From here on whatever goes wrong goes wrong in a log that has no beginning.
    if (purges && release?.beginsWith !== 'release') await this.tap.untilPurged(() => this.#nudge())
  }

  /** Something in each partition that changes nothing. */
  async #nudge(): Promise<void> {
    const body = JSON.stringify({ v: 1, taskId: 'nobody', action: 'cancel' })
    await Promise.all(
      Array.from({ length: PARTITIONS }, (_, p) =>
        this.bus.publisher.publish(SUBJECTS.log(p, 'control'), body, { msgId: randomUUID() }),
      ),
    )
  }

  of(role: ProcessNote['role']): ProcessUnderTest[] {
    return [...this.processes.values()].filter((process) => process.role === role)
  }

  /** One more process, not started yet. */
  async add(role: ProcessNote['role']): Promise<ProcessUnderTest> {
    const place = this.#added[role]++
    const instance = `${role}-${place + 1}`
    const user = userOfMain(join(ROOT, MAINS[role]))
    const nats = await this.#proxy(portOf(this.servers.natsUrl))
    const redis = role === 'orchestrator' ? await this.#proxy(portOf(this.servers.redisUrl)) : undefined
    const skewMs = role === 'orchestrator' ? this.#options.skewsMs.get(place) : undefined
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      MURMUR_INSTANCE: instance,
      MURMUR_PARTITIONS: String(PARTITIONS),
      MURMUR_STORAGE_GIB: String(this.#options.storageGib),
      // As short as it gets: whatever is older than half a second may be gone.
      MURMUR_CHECKPOINTS: this.#options.purges ? 'yes' : 'no',
      MURMUR_CHECKPOINT_MS: '200',
      MURMUR_LOG_MARGIN_MS: '500',
      MURMUR_ARCHIVE: join(this.#options.folder, 'archive'),
      MURMUR_ARCHIVE_SEGMENT_MS: '200',
      MURMUR_LOG_LEVEL: process.env.CHAOS_LOG_LEVEL ?? 'info',
      MURMUR_PARENT_PID: String(process.pid),
      MURMUR_NATS_URL: withPort(this.servers.natsUrlOf(user), nats.port),
      MURMUR_REDIS_URL: redis ? withPort(this.servers.redisUrlOf(user), redis.port) : undefined,
      CHAOS_JOURNAL: this.handlersFile,
      NODE_COMPILE_CACHE: this.#options.compileCache,
      ...(skewMs !== undefined && {
        CHAOS_SKEW_MS: String(skewMs),
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${SKEW}`.trim(),
      }),
    }
    const logFile = join(this.#options.folder, 'logs', `${instance}.log`)
    const links = { nats, ...(redis && { redis }) }
    const process_ = new ProcessUnderTest(
      { instance, role, ...this.#program(role), env, logFile, links },
      this.journal,
    )
    this.processes.set(instance, process_)
    return process_
  }

  /** Which versions there are of a program, and which one begins. Without a release they are the same. */
  #program(role: ProcessNote['role']): { mains: Record<Version, string>; version: Version } {
    const { release } = this.#options
    const main = (root: string) => join(root, MAINS[role])
    const mains = { current: main(ROOT), release: main(release?.root ?? ROOT) }
    return { mains, version: release?.beginsWith ?? 'current' }
  }

  /** A copy of what a server has on disk, taken while it stands still. */
  async copyOf(server: 'nats' | 'redis'): Promise<void> {
    const signal = server === 'nats' ? this.servers.killNats : this.servers.killRedis
    await signal('SIGSTOP')
    try {
      cpSync(this.#dataOf(server), `${this.#dataOf(server)}-copy`, { recursive: true })
    } finally {
      await signal('SIGCONT')
    }
  }

  /** Kills a server and starts it with the copy that was taken. */
  async restore(server: 'nats' | 'redis'): Promise<void> {
    const { servers } = this
    await (server === 'nats' ? servers.killNats() : servers.killRedis())
    rmSync(this.#dataOf(server), { recursive: true, force: true })
    cpSync(`${this.#dataOf(server)}-copy`, this.#dataOf(server), { recursive: true })
    await (server === 'nats' ? servers.restartNats() : servers.restartRedis())
  }

  /** Everything runs, and every link is well. */
  async heal(): Promise<void> {
    for (const proxy of this.#proxies) proxy.heal()
    const { servers } = this
    for (const process of this.processes.values()) process.thaw()
    if (servers.natsPid === undefined) await servers.restartNats()
    if (servers.redisPid === undefined) await servers.restartRedis()
    await Promise.all([...this.processes.values()].map((process) => process.start()))
  }

  async stop(): Promise<void> {
    await Promise.all([...this.processes.values()].map((process) => process.end('SIGKILL')))
    this.redis.disconnect()
    await this.tap.stop()
    await this.clientBus.close()
    await this.bus.close()
    await this.nc.close()
    for (const proxy of this.#proxies) proxy.close()
    await this.servers.stop()
    for (const name of ['nats', 'redis', 'nats-copy', 'redis-copy'])
      rmSync(join(this.servers.dataDir, name), { recursive: true, force: true })
  }

  #dataOf(server: 'nats' | 'redis'): string {
    return join(this.servers.dataDir, server)
  }

  async #proxy(port: number): Promise<TcpProxy> {
    const proxy = await TcpProxy.open(port)
    this.#proxies.push(proxy)
    return proxy
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

function withPort(url: string, port: number): string {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.toString().replace(/\/$/, '')
}
