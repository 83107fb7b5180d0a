import type { Clock } from '#platform/clock/clock.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { LeaseKeeper } from '../partition/lease-keeper.ts'
import type { ParkedCount } from '../partition/parked-steps.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'
import type { AdmissionControl } from './admission-control.ts'
import type { CameraQuota } from './camera-quota.ts'
import type { CapacityCheck } from './capacity-check.ts'
import { CapacitySampler } from './capacity-sampler.ts'
import { LoadSampler } from './load-sampler.ts'
import type { MemoryCheck } from './memory-check.ts'
import { MemorySampler } from './memory-sampler.ts'
import type { Places } from './places.ts'
import { PlacesFeed } from './places-feed.ts'
import type { QueueForecast } from './queue-forecast.ts'

interface Base extends Pick<ServiceContext, 'config' | 'lifecycle' | 'metrics' | 'log'> {
  bus: Bus
  redis: Redis
  store: PartitionStore
  /** Of the log. */
  partitions: number
  live: LivePartitions
  clock: Clock
}

/** Adds what keeps admission informed: how full streams and Redis are, how fast queues drain, what is in flight. */
export function addLoadSamplers(
  { config, lifecycle, bus, redis, store, partitions, live, metrics, clock, log }: Base,
  about: {
    capacity: CapacityCheck
    memory: MemoryCheck
    forecast: QueueForecast
    admission: AdmissionControl
    places: Places
    cameras: CameraQuota
    parked: ParkedCount
    leases: LeaseKeeper
    dispatcher: Pick<Dispatcher, 'capacityOf'>
  },
): void {
  const { capacity, memory, forecast, admission, places, cameras, parked, leases, dispatcher } = about
  const lagEvents = () => [...leases.owners.values()].reduce((sum, owner) => sum + owner.lagEvents, 0)
  const ownShare = () => leases.owners.size / live.all().length
  const orchestrators = () => leases.members
  lifecycle.add(
    new CapacitySampler({ bus, capacity, forecast, parked, ownShare, orchestrators, metrics, clock, log }),
  )
  lifecycle.add(new MemorySampler({ redis, memory, metrics, clock, log }))
  lifecycle.add(
    new LoadSampler({
      ...{ store, partitions, live, lagEvents, admission, cameras, forecast, orchestrators, clock, log },
      capacityOf: (agent) => dispatcher.capacityOf(agent),
    }),
  )
  lifecycle.add(new PlacesFeed({ bus, redis, places, instance: config.instance, clock, log }))
}
