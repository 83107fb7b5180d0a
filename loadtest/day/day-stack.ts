import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { type LocalServers, startServers } from '../../deploy/local/servers/start-servers.ts'
import { serviceNodeOptions } from '../../deploy/local/stack/service-spec.ts'
import { folderBytes } from '../../deploy/local/stack/stream-storage.ts'
import { Bus } from '../../services/platform/nats/bus.ts'
import { createRedis, type Redis, type Script } from '../../services/platform/redis/redis.ts'
import { parseMemories } from '../../services/platform/redis/redis-memory.ts'
import { BLOB_BUCKET } from '../../subjects/streams.ts'
import { rssMb } from '../bench/measure.ts'
import { ended, ready } from '../bench/service-process.ts'
import type { Series } from './flatness.ts'

const FLUSH: Script = { name: 'dayFlush', lua: "return redis.call('FLUSHALL')" }
const MIB = 1024 * 1024
/** Of all streams together. With a day's settings divided by 120, what they hold is small as well. */
const STORAGE_GIB = 0.25
/** And of those that have a size of their own whatever there is, and a little more: what is on the disk besides. */
const OTHER_GIB = 1
const BALLAST_MESSAGE_BYTES = 512 * 1024
const ORCHESTRATOR = '../../services/orchestrator/main.ts'
const AGENTS = '../bench/noop-agents.ts'
const STREAMS = ['LOG', 'STEPS', 'INTAKE', 'CHECKPOINTS', 'DEAD', `OBJ_${BLOB_BUCKET.name}`] as const

/** Servers, two orchestrators and an agents process, each of which can be killed and is started again. */
export class DayStack {
  readonly servers: LocalServers
  readonly bus: Bus
  readonly #redis: Redis
  readonly #folder: string
  readonly #env: NodeJS.ProcessEnv
  readonly #children = new Map<string, ChildProcess>()
  readonly #samples = new Map<string, { unit: Series['unit']; values: number[] }>()
  #isStopping = false

  private constructor(
    servers: LocalServers,
    bus: Bus,
    redis: Redis,
    about: { folder: string; env: NodeJS.ProcessEnv },
  ) {
    this.servers = servers
    this.bus = bus
    this.#redis = redis
    this.#folder = about.folder
    this.#env = about.env
  }

  /** @param settings of the services */
  static async start(settings: NodeJS.ProcessEnv, report: (line: string) => void): Promise<DayStack> {
    const folder = mkdtempSync(join(tmpdir(), 'murmur-day-'))
    const servers = await startServers({
      dataDir: join(folder, 'data'),
      report,
      nats: { syncInterval: '2s', maxFileBytes: Math.floor((STORAGE_GIB + OTHER_GIB) * 1024 * MIB) },
    })
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      ...{ MURMUR_NATS_URL: servers.natsUrl, MURMUR_REDIS_URL: servers.redisUrl },
      ...{ MURMUR_LOG_LEVEL: 'error', MURMUR_STORAGE_GIB: String(STORAGE_GIB) },
      MURMUR_ARCHIVE: join(folder, 'archive'),
      ...settings,
    }
    const bus = await Bus.connect({ url: servers.natsUrl, name: 'day' })
    const stack = new DayStack(servers, bus, createRedis(servers.redisUrl), { folder, env })
    await Promise.all([
      stack.#begin('orchestrator 1', ORCHESTRATOR),
      stack.#begin('orchestrator 2', ORCHESTRATOR),
      stack.#begin('agents', AGENTS),
    ])
    return stack
  }

  async kill(name: 'orchestrator 1' | 'orchestrator 2' | 'agents'): Promise<void> {
    const child = this.#children.get(name)!
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    await this.#begin(name, name === 'agents' ? AGENTS : ORCHESTRATOR)
  }

  async flushRedis(): Promise<void> {
    await this.#redis.script(FLUSH, [], [])
  }

  async restartNats(): Promise<void> {
    await this.servers.killNats('SIGKILL')
    await this.servers.restartNats()
  }

  /** Something else fills the disk of the streams to the last byte, and it stays full for so long. Milliseconds. */
  async fillDisk(forMs: number): Promise<void> {
    const nc = await connect({ servers: this.servers.natsUrl })
    const manager = await jetstreamManager(nc)
    const name = 'BALLAST'
    await manager.streams.add({ name, subjects: ['ballast'] })
    const message = new Uint8Array(BALLAST_MESSAGE_BYTES)
    let fullSinceMs: number | undefined
    try {
      while (fullSinceMs === undefined || performance.now() - fullSinceMs < forMs) {
        const isStored = await jetstream(nc)
          .publish('ballast', message)
          .then(
            () => true,
            () => false,
          )
        if (isStored) continue
        fullSinceMs ??= performance.now()
        await sleep(500)
      }
    } finally {
      await manager.streams.delete(name)
      await nc.close()
    }
  }

  async sample(): Promise<void> {
    for (const stream of STREAMS) {
      const fill = await this.bus.streams.fill(stream).catch(() => undefined)
      if (fill) this.#note(`stream ${stream}`, 'MiB', fill.bytes / MIB)
    }
    const [memory] = parseMemories(await this.#redis.info('memory').catch(() => []))
    if (memory) this.#note('Redis, used memory', 'MiB', memory.usedBytes / MIB)
    for (const [name, child] of this.#children) this.#noteRss(name, child.pid)
    this.#noteRss('nats-server', this.servers.natsPid)
    this.#noteRss('redis-server', this.servers.redisPid)
    this.#note('archive, on disk', 'MiB', folderBytes(join(this.#folder, 'archive')) / MIB)
  }

  series(): Series[] {
    return [...this.#samples].map(([name, { unit, values }]) => ({ name, unit, values }))
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.bus.close()
    await this.#redis.close()
    await Promise.all([...this.#children.values()].map(ended))
    await this.servers.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #begin(name: string, path: string): Promise<void> {
    const file = fileURLToPath(new URL(path, import.meta.url))
    const child = fork(file, {
      env: { ...this.#env, MURMUR_INSTANCE: name.replace(' ', '-') },
      execArgv: serviceNodeOptions(file),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#children.set(name, child)
    await ready(child, name)
    child.once('exit', (code, signal) => {
      if (!this.#isStopping && signal !== 'SIGKILL')
        process.stderr.write(`${name} ended by itself: ${code ?? signal}\n`)
    })
  }

  #noteRss(name: string, pid: number | undefined): void {
    try {
      if (pid !== undefined) this.#note(`${name}, resident`, 'MiB', (rssMb(pid) * 1e6) / MIB)
    } catch {
      // It has just been killed.
    }
  }

  #note(name: string, unit: Series['unit'], value: number): void {
    const known = this.#samples.get(name)
    if (known) known.values.push(value)
    else this.#samples.set(name, { unit, values: [value] })
  }
}
