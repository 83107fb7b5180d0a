import { type Redis, readScript } from '#platform/redis/redis.ts'
import { isSnoozing, MAX_SNOOZES, type Snooze, snoozeSchema } from '#schemas/snooze.ts'
import { ALERT_KEYS } from '../history/alert-keys.ts'
import { HISTORY_LIMITS } from '../history/history-limits.ts'

const PUT = readScript('murmurPutSnooze', new URL('./put-snooze.lua', import.meta.url))

/** Who wants to hear nothing of a camera: a projection of the stream of alerts. All methods throw when Redis can't be reached. */
export class SnoozeStore {
  readonly #redis: Redis

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /** `full`: as many hold as a tenant may have. */
  async put(snooze: Snooze, nowMs: number): Promise<'full' | 'done'> {
    const keys = [ALERT_KEYS.snoozes(snooze.tenant)]
    const args = [snooze.id, JSON.stringify(snooze), nowMs, MAX_SNOOZES, nowMs - HISTORY_LIMITS.keepMs]
    return (await this.#redis.script(PUT, keys, args)) as 'full' | 'done'
  }

  /** All that are known of a tenant, those that are over too. */
  async list(tenant: string): Promise<Snooze[]> {
    const fields = await this.#redis.hgetall(ALERT_KEYS.snoozes(tenant))
    return Object.values(fields).flatMap((json) => snoozeSchema.safeParse(JSON.parse(json)).data ?? [])
  }

  async get(tenant: string, id: string): Promise<Snooze | undefined> {
    const [json] = await this.#redis.hmget(ALERT_KEYS.snoozes(tenant), id)
    return json == null ? undefined : snoozeSchema.safeParse(JSON.parse(json)).data
  }

  /** The one that hides an alert at this time; of several, that which ends last. */
  async hiding(
    { tenant, ...about }: { tenant: string; camera: string; rule: { id: string } },
    atMs: number,
  ): Promise<Snooze | undefined> {
    const found = (await this.list(tenant)).filter((snooze) => isSnoozing(snooze, about, atMs))
    return found.sort((a, b) => b.untilMs - a.untilMs)[0]
  }
}
