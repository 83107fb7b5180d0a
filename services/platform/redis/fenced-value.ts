import { type Redis, readScript } from './redis.ts'

const WRITE = readScript('murmurFencedWrite', new URL('./fenced-write.lua', import.meta.url))

/**
 * A value in Redis that owners of a lock write, each with its fencing token: what comes from an owner whose lock somebody else has had
 * since is refused, however late it comes. Token and value are one record: whatever loses one loses the other.
 */
export class FencedValue {
  readonly #redis: Pick<Redis, 'script' | 'hmget'>
  readonly #key: string
  readonly #keptMs: number

  /** @param about.keptMs how long it is kept after it was written last */
  constructor(redis: Pick<Redis, 'script' | 'hmget'>, about: { key: string; keptMs: number }) {
    this.#redis = redis
    this.#key = about.key
    this.#keptMs = about.keptMs
  }

  /** @returns false when an owner with a larger token has written before: nothing has changed. @throws MurmurError UNAVAILABLE */
  async write(token: number, value: string): Promise<boolean> {
    return (await this.#redis.script(WRITE, [this.#key], [token, value, this.#keptMs])) === 1
  }

  /** @throws MurmurError UNAVAILABLE */
  async read(): Promise<{ token: number; value: string } | undefined> {
    const [token, value] = await this.#redis.hmget(this.#key, 'token', 'value')
    return token == null || value == null ? undefined : { token: Number(token), value }
  }
}
