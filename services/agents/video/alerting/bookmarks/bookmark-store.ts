import { type Redis, readScript } from '#platform/redis/redis.ts'
import { type Bookmark, bookmarkSchema, MAX_BOOKMARKS } from '#schemas/bookmark.ts'
import { ALERT_KEYS } from '../history/alert-keys.ts'
import { HISTORY_LIMITS } from '../history/history-limits.ts'

const PUT = readScript('murmurPutBookmark', new URL('./put-bookmark.lua', import.meta.url))

/** What people want to find again: a projection of the stream of alerts. All methods throw when Redis can't be reached. */
export class BookmarkStore {
  readonly #redis: Redis

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /** `full`: there are as many as a tenant may have. */
  async put(bookmark: Bookmark, nowMs: number): Promise<'full' | 'done'> {
    const keys = [ALERT_KEYS.bookmarks(bookmark.tenant)]
    const args = [bookmark.id, JSON.stringify(bookmark), MAX_BOOKMARKS, nowMs - HISTORY_LIMITS.keepMs]
    return (await this.#redis.script(PUT, keys, args)) as 'full' | 'done'
  }

  async remove(tenant: string, id: string): Promise<void> {
    await this.#redis.hdel(ALERT_KEYS.bookmarks(tenant), [id])
  }

  /** All of a tenant that are not too old, in no order. */
  async list(tenant: string, nowMs: number): Promise<Bookmark[]> {
    const fields = await this.#redis.hgetall(ALERT_KEYS.bookmarks(tenant))
    return Object.values(fields)
      .flatMap((json) => bookmarkSchema.safeParse(JSON.parse(json)).data ?? [])
      .filter(({ madeAtMs }) => madeAtMs >= nowMs - HISTORY_LIMITS.keepMs)
  }

  async get(tenant: string, id: string): Promise<Bookmark | undefined> {
    const [json] = await this.#redis.hmget(ALERT_KEYS.bookmarks(tenant), id)
    return json == null ? undefined : bookmarkSchema.safeParse(JSON.parse(json)).data
  }
}
