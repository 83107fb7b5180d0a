import { type GrpcOptions, grpcClient } from '../client/grpc-client.ts'
import type { LoadClient } from '../client/load-client.ts'
import { restClient } from '../client/rest-client.ts'
import { stageAt } from '../scenarios.ts'
import type { AnyActivity, Ask, World } from '../users/action.ts'
import { readFiles } from '../users/files.ts'
import { chooseActivity } from '../users/mix.ts'
import { drawsFrom } from '../users/think-time.ts'
import type { ActivityCounts, GeneratorConfig } from './messages.ts'
import { MonitorPool } from './monitor-pool.ts'
import { OwnDelayWatch } from './own-delay.ts'
import { Recorder } from './recorder.ts'
import { type ActivityDeps, type ActivityEnd, type HintCounts, runActivity } from './run-activity.ts'
import { TaskLedger } from './task-ledger.ts'

/** Tasks that status checks ask for: the latest. */
const RECENT = 64
/** gRPC users share so many connections. */
const GRPC_CONNECTIONS = 8
/** What was not as it should be is kept in so many different sentences. */
const MAX_SENTENCES = 50

/** All that users share: clients, what is measured, what they know of each other. */
export class Crowd {
  readonly recorder: Recorder
  readonly ledger = new TaskLedger()
  readonly own = new OwnDelayWatch()
  readonly hints: HintCounts = { given: 0, missing: 0, letIn: 0, refusedAgain: 0, gaveUp: 0 }
  readonly monitors: MonitorPool
  readonly stopping = new AbortController()
  readonly #config: GeneratorConfig
  readonly #agents: ReadonlySet<string>
  readonly #clients: readonly LoadClient[]
  readonly #draw: () => number
  readonly #counts = new Map<string, ActivityCounts & { unexpected: Record<string, number> }>()
  readonly #recent: string[] = []
  #nextClient = 0
  #names = 0
  #startMs = 0
  underWay = 0

  /** @param agents the agent types of the deployment */
  constructor(config: GeneratorConfig, agents: readonly string[]) {
    this.#config = config
    this.#agents = new Set(agents)
    this.#draw = drawsFrom(config.seed)
    this.recorder = new Recorder(config.scenario.durationMs)
    this.monitors = new MonitorPool(config.maxMonitors)
    this.#clients = clientsOf(config)
  }

  /** Time begins now. */
  begin(): void {
    this.#startMs = performance.now()
  }

  /** Since the beginning. Milliseconds. */
  get elapsedMs(): number {
    return performance.now() - this.#startMs
  }

  get draw(): () => number {
    return this.#draw
  }

  /** `performance.now()` at a time of the run. */
  at(runMs: number): number {
    return this.#startMs + runMs
  }

  get activities(): Record<string, ActivityCounts> {
    return Object.fromEntries(this.#counts)
  }

  /** One more user, at a transport of its own. */
  nextClient(): LoadClient {
    return this.#clients[this.#nextClient++ % this.#clients.length]!
  }

  /**
   * Lets a user do one thing from one end to the other.
   * @param dueMs when it was to begin, by `performance.now()`
   * @param activity what; drawn from the mix without it
   */
  async run(
    client: LoadClient,
    dueMs: number,
    signal: AbortSignal,
    activity?: AnyActivity,
  ): Promise<ActivityEnd> {
    const world = this.#world()
    const chosen = activity ?? chooseActivity(this.#config.scenario.mix, world, this.#config.failureShare)
    const own = new Set<string>()
    const isMonitor = chosen.name === 'monitoring' && world.monitors.hasRoom
    if (isMonitor) this.monitors.promise()
    let isPromised = isMonitor
    const deps: ActivityDeps = {
      client,
      world,
      signal,
      recorder: this.recorder,
      ledger: this.ledger,
      own: this.own,
      hints: this.hints,
      stage: () => stageAt(this.#config.scenario, this.elapsedMs),
      onAccepted: (taskId: string, ask: Ask) => {
        this.#remember(taskId)
        if (ask.op !== 'startMonitor') return
        own.add(taskId)
        this.monitors.keep(taskId)
        isPromised = false
      },
    }
    this.underWay++
    try {
      const end = await runActivity(chosen, deps, dueMs)
      this.#count(chosen.name, end)
      return end
    } finally {
      this.underWay--
      if (isPromised) this.monitors.keep(undefined)
      // One whose user was stopped goes on: it is stopped when all are.
      if (!signal.aborted) for (const taskId of own) this.monitors.release(taskId)
    }
  }

  close(): void {
    this.own.stop()
    for (const client of this.#clients) client.close()
  }

  #world(): World {
    const { monitors } = this
    const recent = this.#recent
    return {
      draw: this.#draw,
      name: `${this.#config.seed.toString(36)}-${(this.#names++).toString(36)}`,
      // As they are when the user begins.
      monitors: { running: monitors.running, hasRoom: monitors.hasRoom },
      recentTask: recent[Math.floor(this.#draw() * recent.length)],
      monitorMs: this.#config.monitorMs,
      agents: this.#agents,
    }
  }

  #remember(taskId: string): void {
    this.#recent.push(taskId)
    if (this.#recent.length > RECENT) this.#recent.shift()
  }

  #count(name: string, { how, what }: ActivityEnd): void {
    const before = this.#counts.get(name) ?? { done: 0, refused: 0, error: 0, stopped: 0, unexpected: {} }
    if (how !== 'unexpected') this.#counts.set(name, { ...before, [how]: before[how] + 1 })
    else {
      const { unexpected } = before
      const isKnown = what! in unexpected || Object.keys(unexpected).length < MAX_SENTENCES
      const sentence = isKnown ? what! : '(others)'
      unexpected[sentence] = (unexpected[sentence] ?? 0) + 1
      this.#counts.set(name, before)
    }
  }
}

/** In turn REST and gRPC, where both are asked for. */
function clientsOf({ address, transports }: GeneratorConfig): LoadClient[] {
  const files = readFiles()
  const { restUrl, grpc, grpcTls, key } = address
  const rest = restClient(restUrl, { key, files })
  if (grpc === undefined || !transports.includes('grpc')) return [rest]
  const options: GrpcOptions = { key, files, isTls: grpcTls ?? false }
  const clients = Array.from({ length: GRPC_CONNECTIONS }, () => grpcClient(grpc, options))
  return transports.includes('rest') ? clients.flatMap((client) => [rest, client]) : clients
}
