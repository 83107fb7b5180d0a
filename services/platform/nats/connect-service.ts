import type { Clock } from '../clock/clock.ts'
import { loadNatsSecurity } from '../config/connections.ts'
import { findLocalStack } from '../config/local-stack.ts'
import type { ServiceConfig } from '../config/service-config.ts'
import type { Log } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { watchClockSkew } from '../telemetry/watch-clock-skew.ts'
import { awaitLocalStack } from './await-local-stack.ts'
import { Bus, type BusOptions } from './bus.ts'
import { untilConnected } from './until-connected.ts'

interface Connecting {
  config: ServiceConfig
  log: Log
  metrics: Metrics
}

/**
 * The bus of a service process: named after it, its changes logged, its repeated publishes counted. It waits for a server that is
 * not there yet, and says so in the log.
 * @throws MurmurError UNAVAILABLE after five minutes, SERVER_TOO_OLD
 */
export function connectService(service: string, connecting: Connecting): Promise<Bus> {
  const { config, log } = connecting
  return untilConnected(() => connectTo({ url: config.natsUrl }, service, connecting), log)
}

/**
 * The same for an agent: without MURMUR_NATS_URL it goes to the stack of this machine, waits until one runs, and follows it to
 * where it is after each of its starts.
 * @throws MurmurError UNAVAILABLE where an address is named and nobody answers there for five minutes, SERVER_TOO_OLD
 */
export function connectAgent(service: string, connecting: Connecting & { clock: Clock }): Promise<Bus> {
  const stack = findLocalStack()
  if (!stack) return connectService(service, connecting)
  const { log } = connecting
  // For whoever watches a terminal: their agent has not hung, it waits.
  const onStatus = (status: string, detail: string) => {
    if (status === 'disconnect') log.warn({}, 'the stack is away; waiting until it is back')
    else if (status === 'reconnect') log.info({ detail }, 'connected to the stack again')
  }
  const connect = (url: string) =>
    connectTo({ url, currentUrl: () => stack.natsUrl(), onStatus }, service, connecting)
  return awaitLocalStack(stack, connect, connecting)
}

async function connectTo(
  where: Pick<BusOptions, 'url' | 'currentUrl' | 'onStatus'>,
  service: string,
  { config, log, metrics }: Connecting,
): Promise<Bus> {
  const bus = await Bus.connect({
    onStatus: (status, detail) => log.debug({ status, detail }, 'nats'),
    ...where,
    security: loadNatsSecurity(),
    objectBudgetBytes: config.objectBudgetMib * 1024 ** 2,
    name: `${service} ${config.instance}`,
    onPublishRetry: () => metrics.counter('murmur_publish_retries_total').labels().inc(),
  })
  watchClockSkew(bus.brokerClock, { log, metrics })
  return bus
}
