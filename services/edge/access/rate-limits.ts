import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type Redis, readScript } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'

/** What one tenant may do. Undefined: as much as it likes. */
export interface TenantLimits {
  requestsPerSecond?: number | undefined
  /** Requests that may come at once after a pause; a second's worth unless given. */
  requestBurst?: number | undefined
  bytesPerSecond?: number | undefined
}

export interface RateLimitDeps {
  redis: Redis
  log: Log
  defaults: TenantLimits
  overrides: Readonly<Record<string, TenantLimits>>
}

const TAKE = readScript('murmurTakeTokens', new URL('./token-bucket.lua', import.meta.url))
/** Bytes may be saved up for an upload of any size that is allowed, at this many seconds of the rate. */
const BYTE_BURST_S = 10
/** Who would have to wait longer is told this, and then how things stand by then. */
const LONGEST_HINT_MS = 60_000
const WARN_EVERY = 1000

/**
 * Requests and bytes of each tenant, counted in Redis over all edges. While Redis is away nothing is limited: that clients
 * are served matters more than that one of them is held back.
 */
export class RateLimits {
  readonly #deps: RateLimitDeps
  #unlimited = 0

  constructor(deps: RateLimitDeps) {
    this.#deps = deps
  }

  /** @throws MurmurError RATE_LIMITED */
  async takeRequest(tenant: string): Promise<void> {
    const { requestsPerSecond: rate, requestBurst } = this.#of(tenant)
    if (rate !== undefined) await this.#take(tenant, 'requests', rate, requestBurst ?? Math.max(1, rate), 1)
  }

  /** What is more than the bucket ever holds counts as all of it. @throws MurmurError RATE_LIMITED */
  async takeBytes(tenant: string, bytes: number): Promise<void> {
    const { bytesPerSecond: rate } = this.#of(tenant)
    if (rate === undefined || bytes === 0) return
    const burst = rate * BYTE_BURST_S
    await this.#take(tenant, 'bytes', rate, burst, Math.min(bytes, burst))
  }

  #of(tenant: string): TenantLimits {
    const { defaults, overrides } = this.#deps
    return { ...defaults, ...(Object.hasOwn(overrides, tenant) ? overrides[tenant] : undefined) }
  }

  async #take(tenant: string, what: string, rate: number, burst: number, wanted: number): Promise<void> {
    let taken: [isTaken: number, waitUs: number]
    try {
      taken = (await this.#deps.redis.script(
        TAKE,
        [`murmur:{limits:${tenant}}:${what}`],
        [rate, burst, wanted, LONGEST_HINT_MS * 1000],
      )) as typeof taken
    } catch (error) {
      if (this.#unlimited++ % WARN_EVERY === 0)
        this.#deps.log.warn({ err: error }, 'Redis is away: nothing is limited')
      return
    }
    if (taken[0] === 1) return
    const retryAfterMs = Math.max(1, Math.ceil(taken[1] / 1000))
    throw new MurmurError('RATE_LIMITED', `tenant "${tenant}" may have ${rate} ${what} a second`, {
      retryAfterMs,
    })
  }
}
