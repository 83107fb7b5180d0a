import type { Clock } from '#platform/clock/clock.ts'
import type { PayloadKeyFile } from '#platform/config/payload-keys.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { HeldAnswers } from '#platform/nats/held-answers.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { ArchiveReader } from './history/archive-reader.ts'
import type { EndedTasks } from './history/ended-tasks.ts'
import type { FoldWaits } from './partition/fold-waits.ts'
import type { PartitionStore } from './partition/partition-store.ts'
import type { StepTokens } from './partition/step-tokens.ts'
import type { KnownPartitions } from './partition-epochs/known-partitions.ts'

/** What all parts of an orchestrator are made from. */
export interface Base extends Pick<ServiceContext, 'config' | 'log' | 'lifecycle' | 'metrics' | 'tracing'> {
  bus: Bus
  redis: Redis
  blobs: BlobStore
  store: PartitionStore
  /** The broker's. */
  clock: Clock
  /** That the log was made with: where ids name none, they lie by these. */
  partitions: number
  /** That there are. */
  live: KnownPartitions
  /** Undefined: without keys of the platform. */
  tokens: StepTokens | undefined
  /** Undefined: without keys for payloads. */
  codec: PayloadKeyFile | undefined
  /** Known once all parts are made. */
  history: { reader?: ArchiveReader | undefined }
  ended: EndedTasks
  /** Answers that wait while nobody can give them. */
  held: HeldAnswers
  folds: FoldWaits
}
