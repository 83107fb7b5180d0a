import { type Redis, readScript } from '#platform/redis/redis.ts'

const CANDIDATES = readScript('murmurTrimCandidates', new URL('./trim-candidates.lua', import.meta.url))
const TRIM = readScript('murmurTrimIndex', new URL('./trim-index.lua', import.meta.url))

const BATCH = 200
/** While all of the oldest have expired, as after an hour of thousands a second, so many batches in one go. */
const MAX_ROUNDS = 10

interface Keys {
  index: (partition: number) => string
  cameras: (partition: number) => string
  state: (partition: number, id: string) => string
}

/**
 * Drops entries of an index whose tasks have expired, whether or not anybody lists tasks: of the oldest as many as there are, and some
 * from a place that moves on with each call.
 */
export class IndexTrimmer {
  readonly #redis: Pick<Redis, 'script'>
  readonly #keys: Keys
  readonly #places = new Map<number, number>()

  constructor(redis: Pick<Redis, 'script'>, keys: Keys) {
    this.#redis = redis
    this.#keys = keys
  }

  /** @returns how many were dropped @throws MurmurError UNAVAILABLE, also while the partition is moved within a cluster */
  async trim(partition: number): Promise<number> {
    let dropped = 0
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { oldest, further } = await this.#trimSome(partition)
      dropped += oldest + further
      if (oldest < BATCH) break
    }
    return dropped
  }

  async #trimSome(partition: number): Promise<{ oldest: number; further: number }> {
    const place = this.#places.get(partition) ?? 0
    const keys = [this.#keys.index(partition), this.#keys.cameras(partition)]
    const found = await this.#redis.script(CANDIDATES, keys, [place, BATCH])
    const [oldest, further, holders] = found as [string[], string[], string[]]
    const ids = [...new Set([...oldest, ...further, ...holders])]
    if (ids.length === 0) return { oldest: 0, further: 0 }
    const states = ids.map((id) => this.#keys.state(partition, id))
    const gone = (await this.#redis.script(TRIM, [...keys, ...states], ids)) as number[]
    const sum = (from: number, to?: number) => gone.slice(from, to).reduce((all, one) => all + one, 0)
    const dropped = { oldest: sum(0, oldest.length), further: sum(oldest.length) }
    const next = Math.max(0, place + further.length - dropped.oldest - dropped.further)
    this.#places.set(partition, further.length < BATCH ? BATCH : next)
    return dropped
  }
}
