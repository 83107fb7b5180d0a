import { loadNatsSecurity } from '../config/connections.ts'
import type { ServiceConfig } from '../config/service-config.ts'
import type { Log } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { watchClockSkew } from '../telemetry/watch-clock-skew.ts'
import { Bus } from './bus.ts'
import { untilConnected } from './until-connected.ts'

/**
 * The bus of a service process: named after it, its changes logged, its repeated publishes counted. It waits for a server that is
 * not there yet, and says so in the log.
 * @throws MurmurError UNAVAILABLE after five minutes, SERVER_TOO_OLD
 */
export async function connectService(
  service: string,
  { config, log, metrics }: { config: ServiceConfig; log: Log; metrics: Metrics },
): Promise<Bus> {
  const connect = () =>
    Bus.connect({
      url: config.natsUrl,
      security: loadNatsSecurity(),
      name: `${service} ${config.instance}`,
      onStatus: (status, detail) => log.debug({ status, detail }, 'nats'),
      onPublishRetry: () => metrics.counter('murmur_publish_retries_total').labels().inc(),
    })
  const bus = await untilConnected(connect, log)
  watchClockSkew(bus.brokerClock, { log, metrics })
  return bus
}
