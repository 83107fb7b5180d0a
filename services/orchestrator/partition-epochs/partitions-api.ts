import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Serving } from '#platform/nats/bus.ts'
import type {
  EpochView,
  GrowPartitionsRequest,
  PartitionEpochs,
  PartitionsView,
} from '#schemas/partition-epochs.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { currentEpoch, grown, numbersOf } from './epoch-rules.ts'
import type { KnownPartitions } from './known-partitions.ts'

/** Orchestrators that live, as the last look at them told. */
export interface LivingOrchestrators {
  readonly members: number
  /** Those of a release that knows of no epochs. */
  readonly unaware: readonly string[]
  /** The longest time that any of them goes by what it knows of epochs. Milliseconds. */
  readonly longestLeaseMs: number
}

export interface PartitionsApiDeps {
  bus: Serving
  known: Pick<KnownPartitions, 'record' | 'change' | 'read'>
  store: Pick<PartitionStore, 'depth'>
  orchestrators: () => LivingOrchestrators
  /** Brings the streams to what this release asks of them: one of a release before may have been started since, and set them back. */
  provision: () => Promise<unknown>
  /** The broker's. */
  clock: Pick<Clock, 'nowMs'>
}

const RETRY_AFTER_MS = 2000

/** Says which partitions the log has, and makes more of them. Answered by any orchestrator. */
export class PartitionsApi implements Component {
  readonly name = 'partition services'
  readonly #deps: PartitionsApiDeps
  #ends: (() => void)[] = []

  constructor(deps: PartitionsApiDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus, known } = this.#deps
    this.#ends = [
      bus.serve('getPartitions', async () => {
        await known.read()
        return this.#view(known.record)
      }),
      bus.serve('growPartitions', (request) => this.grow(request)),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  /**
   * Resolves when it is stored; new tasks go to the new partitions from the time that is answered.
   * @throws MurmurError INVALID_REQUEST, PARTITIONS_CONFLICT, LIMIT_EXCEEDED, UNAVAILABLE
   */
  async grow({ to, dryRun = false }: GrowPartitionsRequest): Promise<PartitionsView> {
    const { known, orchestrators, clock } = this.#deps
    const { unaware, longestLeaseMs } = orchestrators()
    const grow = (record: PartitionEpochs) => {
      const next = grown(record, to, { nowMs: clock.nowMs(), leaseMs: longestLeaseMs })
      // They would go on to make tasks in the old ones, under keys that have a task in the new ones.
      if (next !== record && unaware.length > 0)
        throw new MurmurError(
          'PARTITIONS_CONFLICT',
          `these orchestrators are of a release that knows of no epochs: ${unaware.join(', ')}`,
          { retryAfterMs: RETRY_AFTER_MS },
        )
      return next
    }
    await known.read()
    const wanted = grow(known.record)
    if (dryRun || wanted === known.record) return this.#view(wanted)
    await this.#deps.provision()
    return this.#view(await known.change(grow))
  }

  async #view(record: PartitionEpochs): Promise<PartitionsView> {
    const { store, orchestrators, clock } = this.#deps
    const { members, unaware } = orchestrators()
    const current = currentEpoch(record, clock.nowMs())
    const epochs = await Promise.all(
      record.epochs.map(async ({ first, count, fromMs }): Promise<EpochView> => {
        const depths = await Promise.all(numbersOf([{ first, count }]).map((p) => store.depth(p)))
        const active = depths.flatMap((depth) => [...depth.values()]).reduce((sum, n) => sum + n, 0)
        const begun = first < current.first ? 'ending' : 'next'
        const state = first === current.first ? 'current' : begun
        return { first, count, state, ...(fromMs > 0 && { fromMs }), active }
      }),
    )
    return { partitions: current.count, epochs, orchestrators: members, unaware: [...unaware] }
  }
}
