import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Component, Lifecycle } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { StreamSurvey } from '#platform/nats/cluster-survey.ts'
import { type Copies, DEFAULT_REPLICAS } from '#platform/nats/stream-copies.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type ProvisionPlan, provisionAll, REPLICATED } from './provision-all.ts'

export interface ReplicaWatchDeps {
  bus: { survey: Pick<Bus['survey'], 'stream'>; readonly connected: boolean }
  clock: Pick<Clock, 'sleep'>
  log: Log
  metrics: Metrics
  /** Copies that each stream is to have. */
  wanted: number
  /** Whether this orchestrator tells: one of all does. */
  isReporter: () => boolean
  /** Brings streams to what is wanted, where servers may have come for it. */
  raise?: () => Promise<void>
}

const POLL_INTERVAL_MS = 5000
/** Polls between two attempts to give streams the copies that there were too few servers for. */
const RAISE_POLLS = 12

/** What is known of the copies of a stream. */
type KnownCopies = Pick<StreamSurvey, 'name' | 'replicas' | 'current' | 'behind'>

/** What of a stream's copies is missing. */
interface Missing {
  stream: string
  current: number
  wanted: number
  behind: readonly string[]
}

/**
 * Looks after the copies of streams: says when some are missing, how far new ones are, and when all are there. Nothing stops for
 * that: as long as more than half of the servers of a stream are there, it goes on.
 */
export class ReplicaWatch implements Component {
  readonly name = 'replica watch'
  readonly #deps: ReplicaWatchDeps
  readonly #stopping = new AbortController()
  #surveys: readonly KnownCopies[] = []
  #told = ''
  #polls = 0
  #done: Promise<void> = Promise.resolve()

  constructor(deps: ReplicaWatchDeps) {
    this.#deps = deps
    deps.metrics.onScrape(() => this.#show())
  }

  start(): void {
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#done
  }

  async #run(): Promise<void> {
    const { bus, clock, log, isReporter } = this.#deps
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        if (bus.connected && isReporter()) await this.#poll()
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'the copies of streams could not be looked at')
      }
      await clock.sleep(POLL_INTERVAL_MS, signal)
    }
  }

  async #poll(): Promise<void> {
    const { log, wanted, raise } = this.#deps
    const surveys = await Promise.all(REPLICATED.map((name) => this.#survey(name)))
    this.#surveys = surveys.filter((survey) => survey !== undefined)
    const missing = this.#surveys.flatMap((survey) => missingOf(survey, wanted))
    const told = JSON.stringify(missing)
    if (told !== this.#told) {
      this.#told = told
      if (missing.length > 0)
        log.warn({ missing: missing.map(textOf) }, 'copies of streams are missing or behind')
      else log.info({ copies: wanted }, 'every stream has its copies')
    }
    const isShort = this.#surveys.some(({ replicas }) => replicas < wanted)
    if (isShort && ++this.#polls % RAISE_POLLS === 0) await raise?.()
  }

  /** Of a stream without a leader nobody may be there to answer: then as many copies as it had before are said to be away. */
  async #survey(name: string): Promise<KnownCopies | undefined> {
    try {
      return await this.#deps.bus.survey.stream(name)
    } catch (error) {
      const isUnanswered = error instanceof MurmurError && error.code === 'UNAVAILABLE'
      if (!isUnanswered || !this.#deps.bus.connected) throw error
      const before = this.#surveys.find((survey) => survey.name === name)
      return { name, replicas: before?.replicas ?? this.#deps.wanted, current: 0, behind: [] }
    }
  }

  #show(): void {
    const { metrics, wanted, isReporter } = this.#deps
    const current = metrics.gauge('murmur_stream_replicas')
    const asked = metrics.gauge('murmur_stream_replicas_wanted')
    current.clear()
    asked.clear()
    if (!isReporter()) return
    for (const survey of this.#surveys) {
      current.labels(survey.name).set(survey.current)
      asked.labels(survey.name).set(Math.max(wanted, survey.replicas))
    }
  }
}

function missingOf({ name, replicas, current, behind }: KnownCopies, wanted: number): Missing[] {
  const all = Math.max(wanted, replicas)
  return current >= all ? [] : [{ stream: name, current, wanted: all, behind }]
}

function textOf({ stream, current, wanted, behind }: Missing): string {
  const where = behind.length === 0 ? '' : `, behind or away: ${behind.join(', ')}`
  return `${stream} ${current} of ${wanted}${current === 0 ? ', without a leader' : ''}${where}`
}

/** Watches over the copies where there can be several. */
export function addReplicaWatch(
  {
    bus,
    clock,
    log,
    metrics,
    lifecycle,
  }: Omit<ReplicaWatchDeps, 'wanted' | 'isReporter' | 'bus'> & {
    bus: Bus
    lifecycle: Pick<Lifecycle, 'add'>
  },
  { plan, copies, isReporter }: { plan: ProvisionPlan; copies: Copies; isReporter: () => boolean },
): void {
  const { isCluster } = bus.streams
  if (!isCluster && (copies.replicas ?? 1) === 1) return
  const wanted = copies.replicas ?? (copies.isDefault ? DEFAULT_REPLICAS : 1)
  const raise = async () => void (await provisionAll(bus, plan, log))
  lifecycle.add(new ReplicaWatch({ bus, clock, log, metrics, wanted, isReporter, raise }))
}
