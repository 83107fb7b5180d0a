import type { Clock } from '#platform/clock/clock.ts'
import { loadNatsSecurity } from '#platform/config/connections.ts'
import type { ServiceConfig } from '#platform/config/service-config.ts'
import type { Lifecycle } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import { S3Store } from '#platform/storage/s3-store.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type ArchiveConfig, openArchiveStore } from './archive-config.ts'
import { ArchiveLag } from './archive-lag.ts'
import { ArchiveReader } from './archive-reader.ts'
import { HistoryArchive } from './history-archive.ts'

const DAY_MS = 86_400_000
const SEGMENT = { maxRawBytes: 16 * 1024 * 1024, maxEvents: 50_000 }
const INDEX_BYTES = 64 * 1024 * 1024

export interface HistoryDeps {
  lifecycle: Pick<Lifecycle, 'add'>
  bus: Bus
  config: ServiceConfig
  archive: ArchiveConfig
  metrics: Metrics
  log: Log
  clock: Clock
  partitions: number
  /** Undefined: payloads are stored as they are. */
  codec: PayloadCodec | undefined
  owned: () => Iterable<number>
}

/** The archive as an orchestrator has it. */
export interface History {
  reader: ArchiveReader
  writer: HistoryArchive
  store: FileStore
}

/**
 * Keeps history where the settings name a place for it: writes what happens in the partitions of this process, and reads what any has written.
 * @returns what reads and writes it; undefined: nothing is kept
 * @throws MurmurError CONFIG_INVALID; UNAVAILABLE for an object store that two writers could spoil
 */
export async function addHistory(deps: HistoryDeps): Promise<History | undefined> {
  const { lifecycle, bus, config, archive, metrics, log, clock, partitions, codec, owned } = deps
  const store = openArchiveStore(archive)
  if (!store) return undefined
  if (store instanceof S3Store) await store.assertExclusive()
  const { keepFinishedMs, natsUrl, instance, logLevel } = config
  const order = {
    service: 'orchestrator',
    logger: { instance, logLevel },
    nats: { url: natsUrl, security: loadNatsSecurity() },
    ...{ archive, partitions, keepFinishedMs },
    limits: { ...SEGMENT, maxAgeMs: archive.segmentMs },
    retention: { maxAgeMs: archive.days * DAY_MS, maxBytes: archive.gib * 1024 ** 3, keepFinishedMs },
  }
  const writer = lifecycle.add(new HistoryArchive({ order, owned, clock, metrics, log }))
  lifecycle.add(new ArchiveLag({ bus, history: writer, owned, metrics, clock: bus.brokerClock, log }))
  log.info({ place: store.place }, 'history is kept')
  const reader = new ArchiveReader({
    ...{ store, clock, keepFinishedMs, cacheBytes: INDEX_BYTES, codec },
    onUnreadable: (key, why) => log.warn({ key, why }, 'an entry of the archive is passed over'),
  })
  return { reader, writer, store }
}
