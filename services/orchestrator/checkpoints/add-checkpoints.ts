import type { Clock } from '#platform/clock/clock.ts'
import type { Lifecycle } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { ArchiveReader } from '../history/archive-reader.ts'
import { logName } from '../history/segment-format.ts'
import { fillOf } from '../intake/capacity-check.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'
import { archivedPlace } from './archived-place.ts'
import type { CheckpointConfig } from './checkpoint-config.ts'
import {
  CheckpointKeeper,
  type CheckpointObserver,
  type OwnedPartition,
  type PartitionCheckpointing,
} from './checkpoint-keeper.ts'
import { NatsCheckpointLog } from './checkpoint-log.ts'
import { lastStateOf } from './checkpoint-reader.ts'
import { HorizonMarks } from './horizon-marks.ts'
import { LogPurge } from './log-purge.ts'
import { LogTimes } from './log-times.ts'

export interface AddCheckpointsDeps {
  lifecycle: Pick<Lifecycle, 'add'>
  bus: Bus
  store: PartitionStore
  /** The broker's. */
  clock: Clock
  log: Log
  metrics: Pick<Metrics, 'counter'>
  partitions: number
  live: LivePartitions
  keepFinishedMs: number
  config: CheckpointConfig
  observer: CheckpointObserver
  /** Where finished tasks are kept; undefined: nowhere. Asked when a partition is opened. */
  archive: () => Pick<ArchiveReader, 'catalogue'> | undefined
  isPurger: () => boolean
  /** Every orchestrator that lives can go on without what lies before a horizon. */
  mayPurge: () => boolean
}

/** Without an archive finished tasks come back from the log alone: it has to be older than they may be read. Milliseconds. */
const SPARE_MS = 300_000

/**
 * How partitions are restored from checkpoints, whatever is set: the log may have been purged. Where it is set so, checkpoints are written
 * and the log is purged.
 */
export function addCheckpoints(deps: AddCheckpointsDeps): PartitionCheckpointing {
  const { lifecycle, bus, store, clock, log, metrics, partitions, keepFinishedMs, config } = deps
  const { observer, archive, isPurger, mayPurge, live } = deps
  const checkpoints = new NatsCheckpointLog(bus)
  const checkpointing: PartitionCheckpointing = {
    log: checkpoints,
    isArchived: () => archive() !== undefined,
    checkpointOf: (partition, taskId) => lastStateOf(checkpoints, partition, taskId),
  }
  if (config.checkpoints === 'no') return checkpointing
  const { checkpointMs: intervalMs, logMarginMs } = config
  const purged = metrics.counter('murmur_log_purged_messages_total').labels()
  lifecycle.add(
    new LogPurge({
      ...{ streams: bus.streams, checkpoints, partitions, live, clock, log, intervalMs },
      isPurger: () => isPurger() && mayPurge(),
      onPurged: (messages) => purged.inc(messages),
    }),
  )
  const times = new LogTimes(bus.streams)
  const marks = new HorizonMarks(bus)
  const fill = async () => fillOf(await bus.streams.fill(STREAMS.log.name))
  const createKeeper = (partition: number, owned: OwnedPartition) => {
    const reader = archive()
    const marginMs = reader ? logMarginMs : Math.max(logMarginMs, keepFinishedMs + SPARE_MS)
    const archivedUpTo =
      reader &&
      ((created: string) =>
        archivedPlace(reader, bus.streams, { log: logName(created), partition, partitions }, created))
    return new CheckpointKeeper(
      {
        ...{ partition, store, log: checkpoints, streams: bus.streams, times, marks, clock, logger: log },
        ...{ archivedUpTo, mayPurge, fill, observer, options: { intervalMs, marginMs } },
      },
      owned,
    )
  }
  return { ...checkpointing, createKeeper }
}
