import { parseArgs } from 'node:util'
import { systemClock } from '#platform/clock/clock.ts'
import { loadServiceConfig } from '#platform/config/service-config.ts'
import { connectService } from '#platform/nats/connect-service.ts'
import { createLogger } from '#platform/telemetry/logger.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { stepConsumers } from '#subjects/streams.ts'
import { planOf, provisionAll, REPLICATED } from './registry/provision-all.ts'

/**
 * Makes all streams, the object store and the queues of the agents named, or brings them to the settings, and ends: 0 when all is as
 * asked and every stream has its copies. For a cluster, before the first scaler looks at a queue: one that is not there reads as full.
 *
 *   node services/orchestrator/provision.ts --agents ingest,analysis
 */
const COPIES_POLL_MS = 1000
/** A large log takes minutes; a server that is away may stay so, and others go on without it. Milliseconds. */
const COPIES_WAIT_MS = 600_000

const { values } = parseArgs({ options: { agents: { type: 'string', default: '' } } })
const config = loadServiceConfig()
const log = createLogger('provision', config)
const metrics = createMetrics({ processMetrics: false })
const bus = await connectService('provision', { config, log, metrics, clock: systemClock })
try {
  const plan = planOf(config)
  const { partitions, copies } = await provisionAll(bus, plan, log)
  const agents = values.agents.split(',').filter((name) => name !== '')
  const consumers = agents.flatMap(stepConsumers)
  await Promise.all(consumers.map((consumer) => bus.consumers.provision(consumer)))
  const replicas = copies.replicas ?? 1
  log.info({ partitions, replicas, consumers: consumers.length + 1 }, 'provisioned')
  await untilCopied(replicas)
} finally {
  await bus.close()
}

/** Says how far the copies are, until all are current. Gives up after ten minutes, loudly: the servers go on by themselves. */
async function untilCopied(wanted: number): Promise<void> {
  const untilMs = systemClock.monotonicMs() + COPIES_WAIT_MS
  for (let told = ''; ; await systemClock.sleep(COPIES_POLL_MS)) {
    const surveys = await Promise.all(REPLICATED.map((name) => bus.survey.stream(name)))
    const behind = surveys.flatMap((survey) =>
      survey !== undefined && survey.current < Math.max(wanted, survey.replicas)
        ? `${survey.name} ${survey.current} of ${Math.max(wanted, survey.replicas)}`
        : [],
    )
    if (behind.length === 0) return
    if (systemClock.monotonicMs() > untilMs) {
      log.warn({ behind }, 'copies of streams are missing still')
      return
    }
    if (told !== behind.join()) log.info({ behind }, 'waiting until the copies of streams are current')
    told = behind.join()
  }
}
