import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { PartitionOwner } from './partition-owner.ts'
import type { PartitionStore } from './partition-store.ts'

export interface WatchDepthDeps {
  metrics: Metrics
  store: PartitionStore
  leases: LeaseKeeper
  /** Shown from the start, with 0. */
  types: readonly string[]
}

/** Refreshes at each scrape what is true of the partitions owned here: their share of all tasks, so that sums are right. */
export function watchDepth(deps: WatchDepthDeps): void {
  const { metrics, store, leases } = deps
  const seenTypes = new Set(deps.types)
  const seenPartitions = new Set<number>()
  metrics.onScrape(async () => {
    const owned = [...leases.owners.keys()]
    const total = new Map<string, number>([...seenTypes].map((type) => [type, 0]))
    for (const depth of await Promise.all(owned.map((partition) => store.depth(partition)))) {
      for (const [type, count] of depth) total.set(type, (total.get(type) ?? 0) + count)
    }
    let active = 0
    for (const [type, count] of total) {
      // A type that has run dry must read 0, not vanish.
      seenTypes.add(type)
      metrics.gauge('queue_depth').labels(type).set(count)
      active += count
    }
    metrics.gauge('murmur_tasks_active').labels().set(active)
    metrics.gauge('murmur_partitions_owned').labels().set(owned.length)
    metrics.gauge('murmur_partitions_refused').labels().set(leases.refused.size)
    // One that has gone to somebody else must not be shown as it was here.
    for (const partition of seenPartitions) showPartition(metrics, partition, undefined)
    for (const [partition, owner] of leases.owners) {
      seenPartitions.add(partition)
      showPartition(metrics, partition, owner)
    }
  })
}

function showPartition(metrics: Metrics, partition: number, owner: PartitionOwner | undefined): void {
  const label = String(partition)
  metrics
    .gauge('murmur_partition_lag_events')
    .labels(label)
    .set(owner?.lagEvents ?? 0)
  metrics
    .gauge('murmur_partition_stuck_seconds')
    .labels(label)
    .set((owner?.stuckMs ?? 0) / 1000)
}
