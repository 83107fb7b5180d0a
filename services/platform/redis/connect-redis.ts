import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { systemClock } from '../clock/clock.ts'
import type { ServiceContext } from '../lifecycle/run-service.ts'
import type { Bus } from '../nats/bus.ts'
import { redisCheck } from '../telemetry/health-server.ts'
import type { Log } from '../telemetry/logger.ts'
import { createRedis, type Redis, waitForRedis } from './redis.ts'
import { evictionPolicy, parseMemories } from './redis-memory.ts'

/** Longer than a restart of the server with much to load takes. */
const WAIT_MS = 300_000
const SAY_INTERVAL_MS = 5000
/** Longer than a fail-over takes. */
const MEET_MS = 30_000
const MEET_POLL_MS = 50

/**
 * The connection of a service to Redis, which `/readyz` calls `redis`: its changes are logged, and it is closed at the end. It may not
 * be there yet: see `untilUsable`.
 */
export function openRedis({ config, log, lifecycle, addChecks }: ServiceContext): Redis {
  const redis = createRedis(config.redisUrl, {
    onStatus: (status, detail) => log.debug({ status, detail }, 'redis'),
  })
  addChecks(() => ({ redis: redisCheck(redis) }))
  lifecycle.add({ name: 'connection redis', stop: () => redis.close() })
  return redis
}

/** While Redis is silent the service leaves its queue groups, so that others answer what needs it. */
export function serveWhileRedisAnswers(redis: Redis, bus: Pick<Bus, 'setServing'>, log: Log): void {
  redis.onServing((isServing) => {
    if (isServing) log.info({}, 'Redis answers: serving')
    else log.warn({}, 'Redis is silent: not serving')
    bus.setServing(isServing)
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
  const unknown = await onceKnown(() => requireKeptKeys(redis))
  if (unknown !== undefined)
    log.warn({ reason: unknown }, 'whether Redis evicts keys could not be asked: it must not')
}

/** A node that has answered may have turned out to be one of a cluster: the others are met within moments. */
async function onceKnown<T>(ask: () => Promise<T>): Promise<T> {
  const untilMs = systemClock.monotonicMs() + MEET_MS
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const isOver = systemClock.monotonicMs() > untilMs
      if (!(error instanceof MurmurError) || error.code !== 'UNAVAILABLE' || isOver) throw error
      await systemClock.sleep(MEET_POLL_MS)
    }
  }
}

/**
 * Whether each server keeps what it is given until it is told otherwise. One that may evict keys loses tasks and alerts in silence.
 * @returns why it is not known, when asking is not allowed
 * @throws MurmurError REDIS_EVICTS; UNAVAILABLE
 */
export async function requireKeptKeys(redis: Pick<Redis, 'info'>): Promise<string | undefined> {
  let memories: string[]
  try {
    memories = await redis.info('memory')
  } catch (error) {
    if (error instanceof MurmurError) throw error
    return messageOf(error)
  }
  const facts = parseMemories(memories)
  const policy = facts.map(evictionPolicy).find((found) => found !== undefined)
  if (policy === undefined) return undefined
  throw new MurmurError(
    'REDIS_EVICTS',
    `Redis evicts keys when its memory is full (maxmemory-policy ${policy}): states of tasks would vanish`,
  )
}
