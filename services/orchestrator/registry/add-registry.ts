import type { Clock } from '#platform/clock/clock.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { InstanceDrains } from '../dispatch/instance-drains.ts'
import { ObjectGateway } from '../objects/object-gateway.ts'
import { StepAccess } from '../objects/step-access.ts'
import type { StepObjectCounting } from '../objects/step-object-counting.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { StepTokens } from '../partition/step-tokens.ts'
import { AgentRegistry, type AgentRegistryDeps } from './agent-registry.ts'
import { DeadLetters } from './dead-letters.ts'
import { LeftInQueues } from './left-in-queues.ts'
import { QueueProvider } from './queue-provider.ts'
import { SiteRegistry } from './site-registry.ts'
import { StepStarts } from './step-starts.ts'
import { StepStates } from './step-states.ts'

/** What the registry is made from. */
interface Base extends Pick<ServiceContext, 'config' | 'log' | 'lifecycle' | 'metrics'> {
  bus: Bus
  redis: Redis
  blobs: BlobStore
  store: PartitionStore
  /** The broker's. */
  clock: Clock
  partitions: number
  tokens: StepTokens | undefined
  /** Counts what steps store. */
  counting: StepObjectCounting
  drains: InstanceDrains
}

/** Adds what knows agents and speaks to them: their types and instances, their queues, starts, objects and dead letters of their steps. */
export function addRegistry(
  {
    lifecycle,
    bus,
    blobs,
    redis,
    store,
    clock,
    metrics,
    log,
    config,
    partitions,
    tokens,
    counting,
    drains,
  }: Base,
  isReporter: () => boolean,
  video: NonNullable<AgentRegistryDeps['video']>,
): AgentRegistry {
  const brokerNowMs = clock.nowMs
  const sites = lifecycle.add(new SiteRegistry({ bus, redis, clock, metrics, log, isReporter }))
  const registry = lifecycle.add(
    new AgentRegistry({ bus, redis, clock, metrics, log, sites, video, drains, isReporter }),
  )
  lifecycle.add(new QueueProvider(bus))
  const deadLetters = lifecycle.add(
    new DeadLetters({ bus, metrics, log, instance: config.instance, nowMs: brokerNowMs }),
  )
  lifecycle.add(new LeftInQueues({ bus, deadLetters, isScanner: isReporter, clock, log }))
  lifecycle.add(new StepStarts({ bus, store, partitions, clock, brokerNowMs, metrics, tokens }))
  const states = new StepStates({ store, log: bus.streams, clock }, partitions)
  const access = new StepAccess({ states, store, partitions, tokens, nowMs: brokerNowMs })
  lifecycle.add(new ObjectGateway({ bus, blobs, access, counting, clock }))
  return registry
}
