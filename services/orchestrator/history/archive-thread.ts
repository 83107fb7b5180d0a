import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '#platform/clock/clock.ts'
import type { NatsSecurity } from '#platform/config/connections.ts'
import { loadPayloadKeys } from '#platform/config/payload-keys.ts'
import { loadPlatformKeys } from '#platform/config/platform-keys.ts'
import { Bus } from '#platform/nats/bus.ts'
import { untilConnected } from '#platform/nats/connect-service.ts'
import { SealedRecords } from '#platform/nats/sealed-records.ts'
import { createLogger, type LoggerConfig } from '#platform/telemetry/logger.ts'
import { NatsCheckpointLog } from '../checkpoints/checkpoint-log.ts'
import { StepTokens } from '../partition/step-tokens.ts'
import { type ArchiveConfig, openArchiveStore } from './archive-config.ts'
import type { RetentionLimits } from './archive-retention.ts'
import { Archiver } from './archiver.ts'
import type { SegmentLimits } from './partition-archiver.ts'
import type { ManifestEntry } from './segment-format.ts'

/** What the thread is given when it is started. */
export interface ArchiveOrder {
  service: string
  logger: LoggerConfig
  nats: { url: string; security: NatsSecurity }
  archive: ArchiveConfig
  partitions: number
  keepFinishedMs: number
  limits: SegmentLimits
  retention: RetentionLimits
}

/** What it is told. */
export type ArchiveCommand =
  | { kind: 'own'; partitions: number[] }
  /** Somebody waits for what is collected to be in the archive. */
  | { kind: 'hurry'; segmentMs: number }
  | { kind: 'stop' }

/** What it says. */
export type ArchiveMessage =
  /** Up to where a partition of a log is archived, and what was written just now. */
  | {
      kind: 'reached'
      log: string
      partition: number
      toSeq: number
      written?: Pick<ManifestEntry, 'events' | 'rawBytes' | 'toMs'> & { bytes: number }
    }
  /** What is to be archived still. */
  | { kind: 'backlogs'; backlogs: ReturnType<Archiver['backlogs']> }

/** Of ours: what tasks wait for comes first, wherever the system lets a thread be less urgent than its process. */
const NICE = 19
/** Between two words of what is to be archived still. Milliseconds. */
const BACKLOG_INTERVAL_MS = 2000

/**
 * The thread that writes the archive, over a connection of its own: reading the log once more, folding and compressing costs the event loop
 * of the orchestrator nothing.
 */
async function run(order: ArchiveOrder): Promise<void> {
  beLessUrgent()
  const { service, logger, nats, archive, partitions, keepFinishedMs, limits, retention } = order
  const log = createLogger(service, logger)
  const bus = await untilConnected(
    () => Bus.connect({ ...nats, name: `${service} ${logger.instance} archive` }),
    log,
  )
  const keys = loadPlatformKeys()
  const codec = loadPayloadKeys(log)
  codec?.start()
  // What it refuses the owner of the partition refuses, too, and tells it: nobody has to hear it twice.
  const records = new SealedRecords({ keys, codec })
  bus.guardRecords(records, codec)
  const tokens = keys && new StepTokens(keys)
  const store = openArchiveStore(archive)!
  const checkpoints = new NatsCheckpointLog(bus)
  const archiver = new Archiver({
    ...{ bus, store, clock: systemClock, log, partitions, limits, retention, codec },
    reopen: (message) => {
      codec?.refresh()
      return records.opened(message)
    },
    purgedUpTo: async (stream, partition) => {
      const { stored } = await checkpoints.horizons(partition)
      return stored?.record.stream === stream ? stored.record.before : 0
    },
    fold: { keepFinishedMs, ...(tokens && { isProven: tokens.isProven.bind(tokens) }) },
    onArchived: ({ log: name, partition }, toSeq, entry) =>
      say({
        ...{ kind: 'reached', log: name, partition, toSeq },
        ...(entry && {
          written: {
            ...{ events: entry.events, rawBytes: entry.rawBytes, toMs: entry.toMs },
            bytes: entry.data.bytes + entry.index.bytes,
          },
        }),
      }),
  })
  archiver.start()
  const telling = setInterval(
    () => say({ kind: 'backlogs', backlogs: archiver.backlogs() }),
    BACKLOG_INTERVAL_MS,
  )
  let turn: Promise<void> = Promise.resolve()
  parentPort?.on('message', (command: ArchiveCommand) => {
    if (command.kind === 'hurry') {
      archiver.hurry(command.segmentMs)
      return
    }
    if (command.kind === 'stop') clearInterval(telling)
    turn = turn
      .then(() => (command.kind === 'own' ? archiver.own(new Set(command.partitions)) : archiver.stop()))
      .then(async () => {
        if (command.kind !== 'stop') return
        codec?.stop()
        await bus.close()
        parentPort?.close()
      })
  })
}

function say(message: ArchiveMessage): void {
  parentPort?.postMessage(message)
}

function beLessUrgent(): void {
  try {
    // On Linux this is the calling thread; elsewhere it would be the whole process.
    if (process.platform === 'linux') setPriority(0, NICE)
  } catch {
    // It may not: then it runs like all others.
  }
}

await run(workerData as ArchiveOrder)
