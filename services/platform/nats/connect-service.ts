import { type Clock, systemClock } from '../clock/clock.ts'
import { loadNatsSecurity } from '../config/connections.ts'
import { findLocalStack, type LocalStack } from '../config/local-stack.ts'
import type { ServiceConfig } from '../config/service-config.ts'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'
import type { Log } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { watchClockSkew } from './broker-clock-sync.ts'
import { Bus, type BusOptions } from './bus.ts'

/** What a connection of a service needs to know of the service. */
export interface Connecting {
  config: ServiceConfig
  log: Log
  metrics: Metrics
  clock: Clock
}

export type ServiceConnector = (name: string, connecting: Connecting) => Promise<Bus>

/** A server with much on its disk takes a while to start. */
const WAIT_MS = 300_000
const RETRY_INTERVAL_MS = 250
const LOG_INTERVAL_MS = 5000
const LOCAL_STACK_INTERVAL_MS = 500
/** Agents are in accounts of their own, which have no streams. */
const APART = { hasJetStream: false } as const

/**
 * The bus of a service process: named after it, its changes logged, its repeated publishes counted. It waits for a server that is
 * not there yet, and says so in the log.
 * @throws MurmurError UNAVAILABLE after five minutes, SERVER_TOO_OLD
 */
export function connectService(service: string, connecting: Connecting): Promise<Bus> {
  const { config, log } = connecting
  return untilConnected(() => connectTo({ url: config.natsUrl }, service, connecting), log)
}

/** The same for a service with an account of its own, in which there are no streams. @throws what `connectService` throws */
export function connectApart(service: string, connecting: Connecting): Promise<Bus> {
  const { config, log } = connecting
  return untilConnected(() => connectTo({ url: config.natsUrl, ...APART }, service, connecting), log)
}

/**
 * The same for an agent: without MURMUR_NATS_URL it goes to the stack of this machine, waits until one runs, and follows it to
 * where it is after each of its starts.
 * @throws MurmurError UNAVAILABLE where an address is named and nobody answers there for five minutes, SERVER_TOO_OLD
 */
export function connectAgent(service: string, connecting: Connecting): Promise<Bus> {
  const stack = findLocalStack()
  if (!stack) return connectApart(service, connecting)
  const { log } = connecting
  // For whoever watches a terminal: their agent has not hung, it waits.
  const onStatus = (status: string, detail: string) => {
    if (status === 'disconnect') log.warn({}, 'the stack is away; waiting until it is back')
    else if (status === 'reconnect') log.info({ detail }, 'connected to the stack again')
  }
  const connect = (url: string) =>
    connectTo({ url, currentUrl: () => stack.natsUrl(), onStatus, ...APART }, service, connecting)
  return awaitLocalStack(stack, connect, connecting)
}

async function connectTo(
  where: Pick<BusOptions, 'url' | 'currentUrl' | 'onStatus' | 'hasJetStream'>,
  service: string,
  { config, log, metrics }: Connecting,
): Promise<Bus> {
  const stored = metrics.histogram('murmur_publish_duration_seconds').labels()
  const bus = await Bus.connect({
    onStatus: (status, detail) => {
      if (status === 'cut-off') log.warn({ detail }, 'the NATS server is cut off from its cluster')
      else log.debug({ status, detail }, 'nats')
    },
    ...where,
    security: loadNatsSecurity(),
    objectBudgetBytes: config.objectBudgetMib * 1024 ** 2,
    name: `${service} ${config.instance}`,
    onPublishRetry: () => metrics.counter('murmur_publish_retries_total').labels().inc(),
    onPublished: (tookMs) => stored.observe(tookMs / 1000),
  })
  watchClockSkew(bus.brokerClock, { log, metrics })
  return bus
}

/**
 * Connects as soon as a server answers; says now and then what it waits for.
 * @throws MurmurError UNAVAILABLE after five minutes; everything else that `connect` throws, at once
 */
export async function untilConnected<T>(
  connect: () => Promise<T>,
  log: Log,
  waitMs: number = WAIT_MS,
): Promise<T> {
  const untilMs = systemClock.monotonicMs() + waitMs
  let loggedMs = Number.NEGATIVE_INFINITY
  for (;;) {
    try {
      return await connect()
    } catch (error) {
      const nowMs = systemClock.monotonicMs()
      if (!(error instanceof MurmurError) || error.code !== 'UNAVAILABLE' || nowMs > untilMs) throw error
      if (nowMs - loggedMs >= LOG_INTERVAL_MS) {
        loggedMs = nowMs
        log.warn({ reason: error.message }, 'waiting for NATS')
      }
      await systemClock.sleep(RETRY_INTERVAL_MS)
    }
  }
}

/**
 * Connects to a stack of this machine as soon as one runs, however long that takes; says once what it waits for.
 * @throws what `connect` throws, unless it is that nobody answers
 */
export async function awaitLocalStack<T>(
  stack: LocalStack,
  connect: (url: string) => Promise<T>,
  { clock, log }: { clock: Clock; log: Log },
): Promise<T> {
  for (let hasLogged = false; ; hasLogged = true) {
    const url = stack.natsUrl()
    const reason = url === undefined ? 'none runs' : await attempt(url)
    if (typeof reason !== 'string') return reason.connected
    if (!hasLogged)
      log.warn(
        { reason, lookedFor: stack.noteFile },
        'waiting for the stack of this machine: `npm run murmur -- dev` in the checkout starts it; MURMUR_NATS_URL names another NATS',
      )
    await clock.sleep(LOCAL_STACK_INTERVAL_MS)
  }

  async function attempt(url: string): Promise<{ connected: T } | string> {
    try {
      return { connected: await connect(url) }
    } catch (error) {
      // It is on its way up or down; its note is read anew.
      if (error instanceof MurmurError && error.code === 'UNAVAILABLE') return messageOf(error)
      throw error
    }
  }
}
