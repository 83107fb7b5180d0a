import { type Redis, readScript } from '#platform/redis/redis.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { CountedFalsePositive } from '#schemas/false-positive.ts'
import { STREAMS } from '#subjects/streams.ts'
import { eventKeyOf } from '../alert-from-event.ts'
import { ALERT_KEYS } from '../history/redis-alert-store.ts'

const COUNT = readScript('murmurCountSuppressed', new URL('./count-suppressed.lua', import.meta.url))

export type Counts = Pick<CountedFalsePositive, 'suppressed' | 'lastSuppressedAtMs'>

/** How often each false positive was seen. In Redis: without it only the numbers begin anew. All methods throw when it can't be reached. */
export class SuppressionCounts {
  readonly #redis: Redis

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /** Once for each event. */
  async count(falsePositive: string, { id, tenant, atMs }: CameraEvent): Promise<void> {
    const keys = [ALERT_KEYS.falsePositive(tenant, falsePositive), ALERT_KEYS.event(eventKeyOf(id))]
    await this.#redis.script(COUNT, keys, [atMs, STREAMS.cameraEvents.maxAgeMs])
  }

  async of(tenant: string, falsePositive: string): Promise<Counts> {
    const fields = await this.#redis.hgetall(ALERT_KEYS.falsePositive(tenant, falsePositive))
    const { suppressed, lastAtMs } = fields
    return {
      suppressed: Number(suppressed ?? 0),
      ...(lastAtMs !== undefined && { lastSuppressedAtMs: Number(lastAtMs) }),
    }
  }
}
