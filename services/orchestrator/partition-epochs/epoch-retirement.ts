import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { PartitionRange } from '#subjects/task-partition.ts'
import { Poller } from '../intake/poller.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { currentEpoch, numbersOf, without } from './epoch-rules.ts'
import type { KnownPartitions } from './known-partitions.ts'

export interface EpochRetirementDeps {
  bus: { streams: Pick<Bus['streams'], 'fill' | 'lastSeq'> }
  known: Pick<KnownPartitions, 'record' | 'change'>
  store: Pick<PartitionStore, 'position' | 'newestTasks'>
  /** How long a finished task may be read. Milliseconds. */
  keepFinishedMs: number
  /** Whether this orchestrator is the one that looks. Two at the same time do no harm: one write is taken. */
  isLeading: () => boolean
  intervalMs: number
  /** The broker's. */
  clock: Clock
  log: Pick<Log, 'info' | 'warn'>
}

/**
 * Takes out partitions of epochs before the current one when nothing is left of them: nothing in the log but marks, no task that may be read, no
 * checkpoint. Then nobody owns them any more, and what is asked about their tasks the archive answers.
 */
export class EpochRetirement extends Poller {
  readonly name = 'retirement of partitions'
  readonly #deps: EpochRetirementDeps

  constructor(deps: EpochRetirementDeps) {
    super(deps.clock, deps.intervalMs)
    this.#deps = deps
  }

  protected async poll(): Promise<void> {
    const { known, isLeading, clock, log } = this.#deps
    const { record } = known
    const nowMs = clock.nowMs()
    const current = currentEpoch(record, nowMs)
    const ended = record.epochs.filter(({ first }) => first < current.first)
    if (ended.length === 0 || !isLeading()) return
    try {
      for (const epoch of ended) {
        if (!(await this.isEmpty(epoch))) continue
        await known.change((before) => without(before, epoch, nowMs))
        log.info({ first: epoch.first, count: epoch.count }, 'partitions are not used any more')
      }
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'whether partitions are used still could not be seen')
    }
  }

  /** @throws Error when nobody answers */
  async isEmpty(epoch: PartitionRange): Promise<boolean> {
    const each = numbersOf([epoch]).map((partition) => this.#isEmpty(partition))
    return (await Promise.all(each)).every(Boolean)
  }

  async #isEmpty(partition: number): Promise<boolean> {
    const { bus, store, keepFinishedMs, clock } = this.#deps
    // What the log has not is folded, or has never been: so its end comes first.
    if (!(await this.#isLogEmpty(partition))) return false
    const [position, tasks, checkpoint] = await Promise.all([
      store.position(partition),
      store.newestTasks(partition, { start: 0, count: 1 }),
      bus.streams.lastSeq(STREAMS.checkpoints.name, SUBJECTS.checkpointsOf(partition)),
    ])
    if (!position?.level || tasks.length > 0 || checkpoint > 0) return false
    // What ended before it was made again is in the archive, and its keys are looked up by that for a while.
    const { restoredAtMs } = position
    return restoredAtMs === undefined || restoredAtMs < clock.nowMs() - keepFinishedMs
  }

  /** Behind what was purged there always is a mark of the horizon: it counts as nothing. */
  async #isLogEmpty(partition: number): Promise<boolean> {
    const { subjects } = await this.#deps.bus.streams.fill(
      STREAMS.log.name,
      SUBJECTS.logOfPartition(partition),
    )
    return [...subjects.keys()].every((subject) => subject === SUBJECTS.logHorizon(partition))
  }
}
