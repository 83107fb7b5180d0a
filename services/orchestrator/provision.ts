import { parseArgs } from 'node:util'
import { systemClock } from '#platform/clock/clock.ts'
import { loadServiceConfig } from '#platform/config/service-config.ts'
import { connectService } from '#platform/nats/connect-service.ts'
import { createLogger } from '#platform/telemetry/logger.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { INTAKE_CONSUMER, stepConsumers } from '#subjects/streams.ts'

/**
 * Makes all streams, the object store and the queues of the agents named, or brings them to the settings, and ends: 0 when all is as
 * asked. For a cluster, before the first scaler looks at a queue: one that is not there reads as full.
 *
 *   node services/orchestrator/provision.ts --agents ingest,analysis
 */
const { values } = parseArgs({ options: { agents: { type: 'string', default: '' } } })
const config = loadServiceConfig()
const log = createLogger('provision', config)
const metrics = createMetrics({ processMetrics: false })
const bus = await connectService('provision', { config, log, metrics, clock: systemClock })
try {
  const { streamReplicas: replicas } = config
  const storageBytes = config.storageGib * 1024 ** 3
  const { partitions } = await bus.streams.provision({
    partitions: config.partitions,
    storageBytes,
    replicas,
  })
  await bus.objects.create({ storageBytes, replicas })
  const agents = values.agents.split(',').filter((name) => name !== '')
  const consumers = [INTAKE_CONSUMER, ...agents.flatMap(stepConsumers)]
  await Promise.all(consumers.map((consumer) => bus.consumers.provision(consumer)))
  log.info({ partitions, replicas, consumers: consumers.length }, 'provisioned')
} finally {
  await bus.close()
}
