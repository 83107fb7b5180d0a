import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'
import type { LocalServers, ServersOptions } from '../../deploy/local/servers/start-servers.ts'
import { userOfMain } from '../../deploy/local/stack/stack-users.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { openBus } from './bus.ts'
import { programOf } from './program.ts'
import { withServers } from './servers.ts'

const MAINS = {
  orchestrator: 'services/orchestrator/main.ts',
  agent: 'test/support/chaos-agent.ts',
}
const READY_TIMEOUT_MS = 30_000

/** A step that an agent has begun or ended, as the agent itself tells it. */
export interface StepNote {
  kind: 'began' | 'ended'
  /** `<task>:<step>:<attempt>` */
  key: string
  instance: string
  atMs: number
}

/** One process of the cluster. It may be killed, stopped and started again under its name. */
export class Member {
  readonly instance: string
  /** Attempts that it has in hand, as far as it has said. */
  readonly inHand = new Set<string>()
  readonly #main: string
  readonly #env: NodeJS.ProcessEnv
  readonly #onNote: (note: StepNote) => void
  #child: ChildProcess | undefined

  constructor(about: {
    instance: string
    main: string
    env: NodeJS.ProcessEnv
    onNote: (note: StepNote) => void
  }) {
    this.instance = about.instance
    this.#main = about.main
    this.#env = about.env
    this.#onNote = about.onNote
  }

  get isAlive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resolves when it is ready. */
  async start(): Promise<void> {
    this.inHand.clear()
    const env = { ...this.#env, MURMUR_INSTANCE: this.instance }
    const child = fork(this.#main, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child = child
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const late = setTimeout(
      () => reject(new Error(`${this.instance} was not ready in time`)),
      READY_TIMEOUT_MS,
    )
    child.on('message', (message: { kind: 'ready' } | { kind: StepNote['kind']; key: string }) => {
      if (message.kind === 'ready') resolve()
      else this.#note(message.kind, message.key)
    })
    child.once('exit', () => reject(new Error(`${this.instance} ended before it was ready`)))
    await promise.finally(() => clearTimeout(late))
  }

  /** At once; what it had in hand stays known. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** In order. @returns its exit code */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child!.kill(signal)
  }

  async whenEnded(): Promise<void> {
    if (this.isAlive) await once(this.#child!, 'exit')
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.isAlive) {
      const exit = once(this.#child!, 'exit')
      this.#child!.kill(signal)
      await exit
    }
    return this.#child?.exitCode ?? null
  }

  #note(kind: StepNote['kind'], key: string): void {
    if (kind === 'began') this.inHand.add(key)
    else this.inHand.delete(key)
    this.#onNote({ kind, key, instance: this.instance, atMs: performance.now() })
  }
}

export interface Cluster {
  servers: LocalServers
  bus: Bus
  orchestrators: Member[]
  agents: Member[]
  notes: StepNote[]
}

/** Servers of the test's own, and real processes on them; all of it is gone when the test ends. */
export async function startCluster(
  t: Pick<Test, 'teardown' | 'comment'>,
  options: {
    orchestrators: number
    agents: number
    partitions?: number
    servers?: Partial<ServersOptions>
    /** Where Redis is for a user, in place of the one that is started with NATS. */
    redisUrlOf?: (user: string) => string
    /** Servers that are there already, in place of some of its own. */
    on?: LocalServers
    env?: NodeJS.ProcessEnv
  },
): Promise<Cluster> {
  const servers = options.on ?? (await withServers(t, options.servers))
  const notes: StepNote[] = []
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    MURMUR_PARTITIONS: String(options.partitions ?? 8),
    MURMUR_STORAGE_GIB: '4',
    MURMUR_LOG_LEVEL: process.env.CHAOS_LOG_LEVEL ?? 'fatal',
    MURMUR_PARENT_PID: String(process.pid),
    ...options.env,
  }
  const members = (kind: keyof typeof MAINS, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const instance = `${kind}-${i + 1}`
      const user = userOfMain(MAINS[kind])
      const access = {
        MURMUR_NATS_URL: servers.natsUrlOf(user),
        MURMUR_REDIS_URL: (options.redisUrlOf ?? servers.redisUrlOf)(user),
      }
      return new Member({
        instance,
        main: programOf(MAINS[kind]),
        env: { ...env, ...access },
        onNote: (note) => void notes.push(note),
      })
    })
  const orchestrators = members('orchestrator', options.orchestrators)
  const agents = members('agent', options.agents)
  const all = [...orchestrators, ...agents]
  t.teardown(async () => {
    await Promise.all(all.map((member) => member.kill()))
  })
  await Promise.all(all.map((member) => member.start()))
  const bus = await openBus(t, servers.natsUrl)
  return { servers, bus, orchestrators, agents, notes }
}
