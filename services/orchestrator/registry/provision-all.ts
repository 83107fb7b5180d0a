import type { ServiceConfig } from '#platform/config/service-config.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Copies, CopiesChange } from '#platform/nats/stream-copies.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { INTAKE_CONSUMER, STREAMS } from '#subjects/streams.ts'

/** What has copies on several servers. */
export const REPLICATED: readonly string[] = [
  ...Object.values(STREAMS).map(({ name }) => name),
  BUCKET.stream,
]

/** What is asked of the servers. */
export interface ProvisionPlan {
  partitions: number
  storageBytes: number
  replicas: number | undefined
  placementTags: readonly string[] | undefined
}

export function planOf(config: ServiceConfig): ProvisionPlan {
  const { partitions, storageGib, replicas, placementTags } = config
  return { partitions, storageBytes: storageGib * 1024 ** 3, replicas, placementTags }
}

/**
 * Makes all streams, the queue of submissions and the object store, or brings them to what is asked; says which streams get more or
 * fewer copies. New copies are filled while work goes on: `ReplicaWatch` tells how far they are.
 * @returns the partitions that the log has, on how many servers streams are, and the object store
 * @throws MurmurError STREAM_MISMATCH, UNAVAILABLE
 */
export async function provisionAll(
  bus: Pick<Bus, 'streams' | 'consumers' | 'objects'>,
  plan: ProvisionPlan,
  log: Log,
): Promise<{ partitions: number; copies: Copies; blobs: BlobStore }> {
  const onCopies = (change: CopiesChange) => log.info(change, 'a stream gets another number of copies')
  const { partitions, copies } = await bus.streams.provision({ ...plan, onCopies })
  if (bus.streams.isCluster && copies.replicas === undefined)
    log.warn({}, 'the cluster has too few servers for three copies of each stream: what is made has one')
  await bus.consumers.provision(INTAKE_CONSUMER)
  const blobs = await bus.objects.create({ storageBytes: plan.storageBytes, copies })
  return { partitions, copies, blobs }
}
