import { systemClock } from '../clock/clock.ts'
import type { ServiceConfig } from '../config/service-config.ts'
import { messageOf } from '../errors/murmur-error.ts'
import type { Log } from '../telemetry/logger.ts'
import { requireKeptKeys } from './keeps-keys.ts'
import { createRedis, type Redis, waitForRedis } from './redis.ts'

/** Longer than a restart of the server with much to load takes. */
const WAIT_MS = 300_000
const SAY_INTERVAL_MS = 5000

/** The connection of a service to Redis, its changes logged. It may not be there yet: see `untilUsable`. */
export function openRedis(service: { config: ServiceConfig; log: Log }): Redis {
  const { config, log } = service
  return createRedis(config.redisUrl, {
    onStatus: (status, detail) => log.debug({ status, detail }, 'redis'),
  })
}

/**
 * For a service that keeps its state in Redis: resolves when the server answers, has loaded its data and evicts nothing.
 * @throws MurmurError UNAVAILABLE after five minutes, REDIS_EVICTS
 */
export async function untilUsable(redis: Redis, log: Log): Promise<void> {
  let saidMs = Number.NEGATIVE_INFINITY
  await waitForRedis(redis, WAIT_MS, (error) => {
    const nowMs = systemClock.monotonicMs()
    if (nowMs - saidMs < SAY_INTERVAL_MS) return
    saidMs = nowMs
    log.warn({ reason: messageOf(error) }, 'waiting for Redis')
  })
  const unknown = await requireKeptKeys(redis)
  if (unknown !== undefined)
    log.warn({ reason: unknown }, 'whether Redis evicts keys could not be asked: it must not')
}
