import type { Clock } from '#platform/clock/clock.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { History } from '../history/add-history.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { LeftTasks } from './left-tasks.ts'
import { RedisRelief } from './redis-relief.ts'
import { StorageWatch } from './storage-watch.ts'

interface Base extends Pick<ServiceContext, 'config' | 'lifecycle' | 'metrics' | 'log'> {
  bus: Bus
  redis: Redis
  store: PartitionStore
  /** The broker's. */
  clock: Clock
}

/** Adds what looks at how full everything is, and what makes room in Redis. @returns what knows how full everything is */
export function addStorage(
  { lifecycle, bus, redis, store, config, metrics, clock, log }: Base,
  about: {
    history: History | undefined
    left: LeftTasks
    owned: () => Iterable<number>
    isReporter: () => boolean
  },
): StorageWatch {
  const { history, left, owned, isReporter } = about
  const archive = history?.store
  const watch = lifecycle.add(new StorageWatch({ bus, redis, archive, isReporter, metrics, clock, log }))
  if (history) {
    const { writer, reader } = history
    const { keepFinishedMs } = config
    lifecycle.add(
      new RedisRelief({
        ...{ redis, store, left, owned, keepFinishedMs, metrics, clock, log },
        archivedUpTo: (created, partition) => writer.archivedUpTo(created, partition) ?? 0,
        isArchived: (task) => reader.hasEnded(task),
        hurryArchive: (segmentMs) => writer.hurry(segmentMs),
      }),
    )
  }
  return watch
}
