import { loadNatsSecurity } from '../config/connections.ts'
import type { ServiceConfig } from '../config/service-config.ts'
import type { Log } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { Bus } from './bus.ts'

/**
 * The bus of a service process: named after it, its changes logged, its repeated publishes counted.
 * @throws MurmurError UNAVAILABLE, SERVER_TOO_OLD
 */
export function connectService(
  service: string,
  { config, log, metrics }: { config: ServiceConfig; log: Log; metrics: Metrics },
): Promise<Bus> {
  return Bus.connect({
    url: config.natsUrl,
    security: loadNatsSecurity(),
    objectBudgetBytes: config.objectBudgetMib * 1024 ** 2,
    name: `${service} ${config.instance}`,
    onStatus: (status, detail) => log.debug({ status, detail }, 'nats'),
    onPublishRetry: () => metrics.counter('murmur_publish_retries_total').labels().inc(),
  })
}
