import type { TaskState } from '#schemas/task.ts'
import type { Base } from './base.ts'
import { addCheckpoints } from './checkpoints/add-checkpoints.ts'
import { loadCheckpointConfig } from './checkpoints/checkpoint-config.ts'
import { DispatchObserver } from './dispatch/dispatch-observer.ts'
import type { Dispatcher } from './dispatch/dispatcher.ts'
import type { ObjectOwners } from './intake/object-owners.ts'
import type { CountedBlobs } from './objects/counted-blobs.ts'
import { type AcceptChild, ChildTasks } from './partition/child-tasks.ts'
import type { DispatchedSteps } from './partition/dispatched-steps.ts'
import { NatsEmitter } from './partition/emitter.ts'
import { Evaluations } from './partition/evaluations.ts'
import type { ParkedCount } from './partition/parked-steps.ts'
import { loadPartitionConfig } from './partition/partition-config.ts'
import { PartitionOwner } from './partition/partition-owner.ts'
import type { Placements } from './partition/placements.ts'
import { StoredValues } from './partition/stored-values.ts'
import type { QueueShares } from './registry/queue-shares.ts'

/** Tasks kept in memory by one orchestrator, over all its partitions; others are read when they are needed. */
const CACHED_TASKS = 8_000

/** Makes owners of partitions, which share what is known of dispatched and of parked steps. */
export function ownerFactory(
  base: Base,
  about: {
    parked: ParkedCount
    dispatcher: Dispatcher
    placements: Placements
    dispatched: DispatchedSteps
    accept: AcceptChild
    types: QueueShares
    owners: ObjectOwners
    counted: CountedBlobs
    isPurger: () => boolean
    mayPurge: () => boolean
    onFailed: (state: TaskState) => void
  },
): (partition: number) => PartitionOwner {
  const { config, log, metrics, tracing, bus, blobs, store, clock, partitions, live, tokens, codec } = base
  const { instance, keepFinishedMs } = config
  const observer = new DispatchObserver(
    { metrics, tracing, log, types: about.types },
    about.dispatcher,
    about.onFailed,
  )
  const isProven = tokens?.isProven.bind(tokens)
  const options = { keepFinishedMs, isProven }
  const { accept, types: _types, counted, isPurger, mayPurge, onFailed: _failed, ...rest } = about
  const checkpoints = addCheckpoints({
    ...{ ...base, keepFinishedMs, config: loadCheckpointConfig(), observer, isPurger, mayPurge },
    archive: () => base.history.reader,
  })
  const { owners } = about
  const shared = {
    ...{ bus, blobs: counted, store, instance, ...rest, observer, clock, log, tokens },
    isSealed: codec !== undefined,
  }
  const { readsResultBatches } = loadPartitionConfig()
  const values = new StoredValues(blobs)
  const children = new ChildTasks({
    ...{ bus, blobs: counted, store, partitions, tokens, instance, accept, owners, clock, log },
    ended: base.ended,
  })
  return (partition) => {
    about.placements.opened(partition)
    const evaluations = new Evaluations({
      ...{ bus, blobs: counted, values, store, partition, partitions, tokens, instance, clock, owners },
    })
    const emitter = new NatsEmitter({ ...shared, partition, children, evaluations, readsResultBatches })
    const cachedTasks = Math.ceil(CACHED_TASKS / live.all().length)
    return new PartitionOwner({
      ...{ partition, bus, store, emitter, observer, clock, log, checkpoints },
      options: { ...options, cachedTasks },
    })
  }
}
