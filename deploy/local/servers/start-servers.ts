import { join, resolve } from 'node:path'
import { maskUserinfo } from '#platform/config/read-config.ts'
import { SetupError } from '../setup-error.ts'
import { claimDataFolder } from './data-folder.ts'
import { watchJetStream } from './jetstream-watch.ts'
import { type Launcher, type ManagedServer, startManaged } from './managed-server.ts'
import { type NatsSettings, natsLauncher } from './nats-launcher.ts'
import { makePrivateFolder } from './private-files.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { type RedisSettings, redisLauncher } from './redis-launcher.ts'
import { resolveNats } from './resolve-nats.ts'
import { resolveRedis } from './resolve-redis.ts'
import { ServerKeeper, type ServerWatcher } from './server-keeper.ts'
import type { ServerProcess } from './server-process.ts'
import type { Report, RunningServer, ServerSource } from './server-source.ts'
import { ServerUsers, type UsersOptions, urlFor } from './server-users.ts'

export interface ServersOptions {
  /** Where both servers keep their data; two pairs never share one. */
  dataDir: string
  /** Where their logs go; `<dataDir>/logs` unless given. */
  logDir?: string
  report?: Report
  /** `source` skips the search for the server. */
  nats?: NatsSettings & { source?: ServerSource }
  redis?: RedisSettings & { source?: ServerSource }
  /** Who may do what on them. Without it, everybody everything; servers given by URL have users of their own. */
  users?: UsersOptions
  /** Told when a server ends that nobody asked to end, with the end of its log. Not for one that is kept alive. */
  onUnexpectedEnd?: (name: string, logTail: string) => void
  /** Starts a server again that ends unasked, or that can't store any more although there is room; tells about it. */
  keepAlive?: ServerWatcher
  /** The room that there has to be for the latter. Bytes. */
  roomBytes?: number
}

/** A running pair. What was given by URL is used as it is: no pid, and it can't be killed or restarted here. */
export interface LocalServers {
  readonly dataDir: string
  /** Without a password: what is left to those who have none. */
  readonly natsUrl: string
  /** The same; where they may not do anything, the URL of a user that may ask how the server is. */
  readonly redisUrl: string
  /** With who the process is; as given, for servers given by URL. */
  natsUrlOf(user: string): string
  redisUrlOf(user: string): string
  /** Of NATS; absent for one that was given by URL. */
  readonly monitorUrl: string | undefined
  readonly natsPid: number | undefined
  readonly redisPid: number | undefined
  readonly versions: { nats: string; redis: string }
  /** Ends both; once stopped, does nothing. */
  stop(): Promise<void>
  killNats(signal?: NodeJS.Signals): Promise<void>
  /** On the same ports and data. */
  restartNats(): Promise<void>
  killRedis(signal?: NodeJS.Signals): Promise<void>
  restartRedis(): Promise<void>
}

/** Gets, starts and awaits NATS with JetStream and Redis on free loopback ports; all or nothing. */
export async function startServers(options: ServersOptions): Promise<LocalServers> {
  const report = options.report ?? (() => undefined)
  const dataDir = resolve(options.dataDir)
  const folders = { dataDir, logDir: resolve(options.logDir ?? join(dataDir, 'logs')) }
  const natsSource = options.nats?.source ?? (await resolveNats(report))
  const redisSource = options.redis?.source ?? (await resolveRedis(report))
  makePrivateFolder(folders.logDir)
  const claim = await claimDataFolder(dataDir)

  const users = options.users && new ServerUsers(options.users)
  const nats = new Slot(natsSource, options, (binary) => natsLauncher(binary, folders, options.nats, users))
  const redis = new Slot(redisSource, options, (binary) =>
    redisLauncher(binary, folders, options.redis, users),
  )
  const isClosed = options.users !== undefined && options.users.guest !== 'everything'
  const slots = [redis, nats]
  const record = () => claim.record(slots.flatMap((slot) => slot.identity ?? []))
  let stopWatching = () => {}
  const stop = async () => {
    stopWatching()
    await Promise.all(slots.map((slot) => slot.stop()))
    claim.release()
  }
  const outcomes = await Promise.allSettled(slots.map((slot) => slot.start(record)))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  if (options.keepAlive && nats.isOurs)
    stopWatching = watchJetStream({
      monitorUrl: nats.url('http', 1)!,
      dataDir,
      onStuck: (why) => nats.renew(`has stopped storing: ${why}`),
      ...(options.roomBytes !== undefined && { roomBytes: options.roomBytes }),
    })
  report(
    maskUserinfo(
      `NATS ${nats.version} on ${nats.url('nats', 0)} · Redis ${redis.version} on ${redis.url('redis', 0)}`,
    ),
  )

  return {
    dataDir,
    natsUrl: nats.url('nats', 0)!,
    redisUrl:
      isClosed && redis.isOurs ? urlFor(redis.url('redis', 0)!, users?.probe) : redis.url('redis', 0)!,
    natsUrlOf: (user) =>
      nats.isOurs ? urlFor(nats.url('nats', 0)!, users?.credentialsOf(user)) : nats.url('nats', 0)!,
    redisUrlOf: (user) =>
      redis.isOurs ? urlFor(redis.url('redis', 0)!, users?.credentialsOf(user)) : redis.url('redis', 0)!,
    monitorUrl: nats.isOurs ? nats.url('http', 1) : undefined,
    get natsPid() {
      return nats.pid
    },
    get redisPid() {
      return redis.pid
    },
    versions: { nats: nats.version, redis: redis.version },
    stop,
    killNats: (signal = 'SIGKILL') => nats.kill(signal),
    restartNats: () => nats.restart(),
    killRedis: (signal = 'SIGKILL') => redis.kill(signal),
    restartRedis: () => redis.restart(),
  }
}

/**
 * One of the two places. idle → start → running ⇄ (kill → ended → restart) → stop → stopped;
 * a place that is filled by a URL is running from the start and stays so.
 */
class Slot {
  readonly #given: RunningServer | undefined
  readonly #launcher: Launcher | undefined
  readonly #onUnexpectedEnd: ServersOptions['onUnexpectedEnd']
  readonly #keeper: ServerKeeper | undefined
  #managed: ManagedServer | undefined
  #latest: ServerProcess | undefined
  #endIsExpected = true

  constructor(
    source: ServerSource,
    options: ServersOptions,
    launcherOf: (binary: Extract<ServerSource, { kind: 'binary' }>) => Launcher,
  ) {
    this.#given = source.kind === 'url' ? source : undefined
    this.#launcher = source.kind === 'binary' ? launcherOf(source) : undefined
    this.#onUnexpectedEnd = options.onUnexpectedEnd
    const { keepAlive: watcher } = options
    if (this.#launcher && watcher)
      this.#keeper = new ServerKeeper({ name: this.#launcher.name, restart: () => this.restart(), watcher })
  }

  get isOurs(): boolean {
    return this.#given === undefined
  }

  get pid(): number | undefined {
    return this.#latest && !this.#latest.hasEnded ? this.#latest.pid : undefined
  }

  get identity(): ProcessIdentity | undefined {
    return this.#latest && !this.#latest.hasEnded ? this.#latest.identity : undefined
  }

  get version(): string {
    return this.#managed?.version ?? '(given by URL)'
  }

  url(scheme: string, portIndex: number): string | undefined {
    return this.#given?.url ?? `${scheme}://127.0.0.1:${this.#managed?.ports[portIndex]}`
  }

  /** `record` is called at each (re)start, before the server is ready, so that no run goes unrecorded. */
  async start(record: () => void): Promise<void> {
    if (!this.#launcher) return
    this.#managed = await startManaged(this.#launcher, (server) => {
      this.#latest = server
      record()
    })
    this.#watch()
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#assertOurs()
    this.#endIsExpected = signal !== 'SIGSTOP' && signal !== 'SIGCONT'
    await this.#latest!.kill(signal)
  }

  async restart(): Promise<void> {
    this.#assertOurs()
    this.#endIsExpected = true
    await this.#managed!.restart()
    this.#watch()
  }

  /** It runs, and is of no use any more. */
  renew(why: string): void {
    this.#endIsExpected = true
    this.#keeper?.revive(why)
  }

  async stop(): Promise<void> {
    this.#endIsExpected = true
    const kept = this.#keeper?.stop()
    await this.#latest?.stop()
    await kept
    // One that was being started meanwhile.
    await this.#latest?.stop()
  }

  #watch(): void {
    const run = this.#latest!
    this.#endIsExpected = false
    void run.ended.then(() => {
      if (this.#endIsExpected || run !== this.#latest) return
      if (this.#keeper) this.#keeper.revive(`ended unasked. The end of its log:\n${run.logTail()}`)
      else this.#onUnexpectedEnd?.(this.#launcher!.name, run.logTail())
    })
  }

  #assertOurs(): void {
    if (this.#given === undefined) return
    throw new SetupError(
      'SERVER_NOT_OURS',
      `The server at ${maskUserinfo(this.#given.url)} was given by URL and is not ours to end or restart.`,
      'Unset the URL to have a server of our own.',
    )
  }
}
