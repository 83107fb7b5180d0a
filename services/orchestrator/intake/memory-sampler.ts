import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Redis } from '#platform/redis/redis.ts'
import { memoryShare, parseMemories } from '#platform/redis/redis-memory.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { MemoryCheck } from './memory-check.ts'
import { Poller } from './poller.ts'

export interface MemorySamplerDeps {
  redis: Pick<Redis, 'info'>
  memory: MemoryCheck
  metrics: Metrics
  clock: Clock
  log: Pick<Log, 'debug'>
}

const POLL_INTERVAL_MS = 500

/** Tells admission twice a second how full Redis is. Without an answer, what was known before goes on to hold. */
export class MemorySampler extends Poller {
  readonly name = 'memory sampler'
  readonly #deps: MemorySamplerDeps

  constructor(deps: MemorySamplerDeps) {
    super(deps.clock, POLL_INTERVAL_MS)
    this.#deps = deps
  }

  protected async poll(): Promise<void> {
    const { redis, memory, metrics, clock, log } = this.#deps
    try {
      const infos = await redis.info('memory')
      const servers = parseMemories(infos)
      memory.observe({ atMs: clock.monotonicMs(), servers })
      const shares = servers.flatMap((server) => memoryShare(server) ?? [])
      if (shares.length > 0)
        metrics
          .gauge('murmur_redis_fill_ratio')
          .labels()
          .set(Math.max(...shares))
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'how full Redis is could not be read')
    }
  }
}
