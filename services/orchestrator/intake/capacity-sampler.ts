import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Consumers } from '#platform/nats/consumers.ts'
import type { StreamFill, Streams } from '#platform/nats/streams.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { STREAMS, stepConsumers } from '#subjects/streams.ts'
import { parseStepSubject, SUBJECTS } from '#subjects/subjects.ts'
import type { ParkedCount } from '../partition/parked-steps.ts'
import { type BoundedStream, type CapacityCheck, fillOf, STREAM_BOUNDS } from './capacity-check.ts'
import { Poller } from './poller.ts'
import type { QueueForecast, QueueSample } from './queue-forecast.ts'

export interface CapacitySamplerDeps {
  bus: { streams: Pick<Streams, 'fill'>; consumers: Pick<Consumers, 'depth'> }
  capacity: CapacityCheck
  forecast: QueueForecast
  /** Steps of this orchestrator that wait until their queue has room. */
  parked: ParkedCount
  /** Of all partitions, so many are of this orchestrator: tasks are spread evenly over all. 0 to 1. */
  ownShare: () => number
  /** Orchestrators that live, this one among them. */
  orchestrators: () => number
  metrics: Metrics
  clock: Clock
  log: Log
}

const POLL_INTERVAL_MS = 500
/** Of so many agent types, those with most to do, the queues are followed; at every second sample. */
const AGENTS_FOLLOWED = 8
/** While partitions change hands, one may have none for a moment. */
const MIN_SHARE = 0.01
const STREAM_NAMES: Record<BoundedStream, string> = {
  log: STREAMS.log.name,
  steps: STREAMS.steps.name,
  objects: BUCKET.stream,
}

/**
 * Gives admission twice a second how full streams are and which queues have a backlog. Three requests a sample, and three more for each
 * agent type that steps wait for. Without an answer, what was known before goes on to hold.
 */
export class CapacitySampler extends Poller {
  readonly name = 'capacity sampler'
  readonly #deps: CapacitySamplerDeps
  #samples = 0

  constructor(deps: CapacitySamplerDeps) {
    super(deps.clock, POLL_INTERVAL_MS)
    this.#deps = deps
  }

  /** The first one is taken before anything is let in. */
  protected async poll(): Promise<void> {
    const { bus, capacity, parked, orchestrators, metrics, clock, log } = this.#deps
    try {
      const [logFill, steps, objects] = await Promise.all([
        bus.streams.fill(STREAM_NAMES.log),
        bus.streams.fill(STREAM_NAMES.steps, SUBJECTS.stepsAll),
        bus.streams.fill(STREAM_NAMES.objects),
      ])
      const queued = byAgent(steps)
      const waiting = new Map(queued)
      for (const [agent, count] of parked.entries()) {
        waiting.set(agent, (waiting.get(agent) ?? 0) + this.#parkedOfAll(agent))
        metrics.gauge('murmur_steps_parked').labels(agent).set(count)
      }
      const fills = { log: logFill, steps, objects }
      for (const [stream, fill] of Object.entries(fills)) {
        metrics.gauge('murmur_stream_fill_ratio').labels(stream).set(fillOf(fill))
        metrics
          .gauge('murmur_stream_mark_ratio')
          .labels(stream)
          .set(STREAM_BOUNDS[stream as BoundedStream])
      }
      capacity.observe({
        atMs: clock.monotonicMs(),
        logSeq: logFill.lastSeq,
        orchestrators: orchestrators(),
        fills,
        waiting,
      })
      if (this.#samples++ % 2 === 0) await this.#follow(waiting)
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'how full the streams are could not be read')
    }
  }

  async #follow(waiting: ReadonlyMap<string, number>): Promise<void> {
    const busiest = [...waiting]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, AGENTS_FOLLOWED)
      .map(([agent]) => agent)
    const looks = await Promise.all(busiest.map((agent) => this.#lookAt(agent)))
    this.#deps.forecast.observeQueues(
      new Map(busiest.flatMap((agent, i) => (looks[i] ? [[agent, looks[i]]] : []))),
    )
  }

  /** Steps that wait with orchestrators, supposing that the others have as many for their share. */
  #parkedOfAll(agent: string): number {
    const { parked, ownShare } = this.#deps
    const count = parked.of(agent)
    return count === 0 ? 0 : Math.round(count / Math.max(ownShare(), MIN_SHARE))
  }

  async #lookAt(agent: string): Promise<QueueSample | undefined> {
    const { consumers } = this.#deps.bus
    const counts = await Promise.all(
      stepConsumers(agent).map(({ stream, name }) => consumers.depth(stream, name)),
    )
    const known = counts.filter((count) => count !== undefined)
    if (known.length < counts.length) return undefined
    const sum = (count: 'waiting' | 'inWork') => known.reduce((total, one) => total + one[count], 0)
    return { waiting: sum('waiting') + this.#parkedOfAll(agent), inWork: sum('inWork') }
  }
}

function byAgent({ subjects }: StreamFill): Map<string, number> {
  const queued = new Map<string, number>()
  for (const [subject, count] of subjects) {
    const agent = parseStepSubject(subject)?.agent
    if (agent !== undefined) queued.set(agent, (queued.get(agent) ?? 0) + count)
  }
  return queued
}
