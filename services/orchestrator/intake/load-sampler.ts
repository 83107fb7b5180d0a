import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { fixedPartitions, type LivePartitions } from '../partition-epochs/live-partitions.ts'
import type { AdmissionControl } from './admission-control.ts'
import { workByAgent } from './agent-work.ts'
import type { CameraQuota } from './camera-quota.ts'
import { Poller } from './poller.ts'
import type { QueueForecast, WorkSample } from './queue-forecast.ts'

export interface LoadSamplerDeps {
  store: Pick<PartitionStore, 'load'>
  partitions: number
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'all'> | undefined
  /** Events that this orchestrator has read and not folded yet. */
  lagEvents: () => number
  admission: AdmissionControl
  cameras: Pick<CameraQuota, 'observe'>
  forecast: Pick<QueueForecast, 'observeWork'>
  /** Orchestrators that live, this one among them. */
  orchestrators: () => number
  /** What the instances of an agent type can do at most, as far as it is known. */
  capacityOf: NonNullable<WorkSample['capacityOf']>
  clock: Clock
  log: Log
}

const POLL_INTERVAL_MS = 250

/** Gives admission several times a second what is in flight. Without an answer, what was known before goes on to hold. */
export class LoadSampler extends Poller {
  readonly name = 'load sampler'
  readonly #deps: LoadSamplerDeps

  constructor(deps: LoadSamplerDeps) {
    super(deps.clock, POLL_INTERVAL_MS)
    this.#deps = deps
  }

  /** The first one is taken before anything is let in. */
  protected async poll(): Promise<void> {
    const { store, partitions, admission, cameras, forecast, clock, log } = this.#deps
    const { lagEvents, orchestrators, capacityOf, live = fixedPartitions(partitions) } = this.#deps
    const all = live.all()
    try {
      const loads = await Promise.all(all.map((partition) => store.load(partition)))
      const activeOf = sumsOf(loads.map(({ byTenant }) => byTenant))
      const camerasOf = sumsOf(loads.map((load) => load.cameras))
      const active = loads.reduce((sum, { byType }) => sum + total(byType), 0)
      // By their numbers: those that are not used any more leave a gap.
      const offsets: number[] = []
      for (const [i, partition] of all.entries()) offsets[partition] = loads[i]!.offset
      const atMs = clock.monotonicMs()
      const work = workByAgent(sumsOf(loads.map(({ steps }) => steps)))
      cameras.observe({ camerasOf, offsets })
      forecast.observeWork({ atMs, work, offsets, orchestrators: orchestrators(), capacityOf })
      admission.observe({ active, activeOf, lagEvents: lagEvents(), offsets }, atMs)
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'the load could not be read')
    }
  }
}

function sumsOf(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const counts of all) for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count)
  return sums
}

function total(depth: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const count of depth.values()) sum += count
  return sum
}
