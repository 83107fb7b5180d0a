import type { Clock } from '#platform/clock/clock.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { EpochRetirement } from './epoch-retirement.ts'
import type { KnownPartitions } from './known-partitions.ts'
import { type LivingOrchestrators, PartitionsApi, type PartitionsApiDeps } from './partitions-api.ts'

interface Base extends Pick<ServiceContext, 'lifecycle' | 'log' | 'config'> {
  bus: Bus
  store: PartitionStore
  /** The broker's. */
  clock: Clock
  live: KnownPartitions
}

interface Deps {
  provision: PartitionsApiDeps['provision']
  orchestrators: () => LivingOrchestrators & { isLeading: boolean }
}

const RETIRE_INTERVAL_MS = 10_000

/** Adds what is said and done about the partitions of the log themselves. */
export function addPartitions(
  { lifecycle, bus, store, clock, log, config, live }: Base,
  { orchestrators, provision }: Deps,
): void {
  lifecycle.add(new PartitionsApi({ bus, known: live, store, orchestrators, provision, clock }))
  lifecycle.add(
    new EpochRetirement({
      ...{ bus, known: live, store, clock, log, intervalMs: RETIRE_INTERVAL_MS },
      keepFinishedMs: config.keepFinishedMs,
      isLeading: () => orchestrators().isLeading,
    }),
  )
}
