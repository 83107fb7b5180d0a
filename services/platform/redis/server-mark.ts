import { type Redis, readScript } from './redis.ts'

const MARK = readScript('murmurServerMark', new URL('./server-mark.lua', import.meta.url))

/**
 * Tells whether another server answers for a key than the one that was noted beside it: a replica that has taken over, or one that has
 * started again. Both may lack the last writes, and nothing else says so. What is not folded from the log is then to be looked over.
 */
export class ServerMark {
  readonly #redis: Pick<Redis, 'script'>
  readonly #key: string

  /** @param key of the same hash tag as what is looked over: in a cluster its server is meant */
  constructor(redis: Pick<Redis, 'script'>, key: string) {
    this.#redis = redis
    this.#key = key
  }

  /** @returns who answers now, when it is not who was noted; `isFirst`: nobody was @throws MurmurError UNAVAILABLE */
  async another(): Promise<{ id: string; isFirst: boolean } | undefined> {
    const [id, noted] = await this.#ask('')
    return id === noted ? undefined : { id, isFirst: noted === '' }
  }

  /** All is looked over that this server has. Does nothing when yet another one answers. @throws MurmurError UNAVAILABLE */
  async note(id: string): Promise<void> {
    await this.#ask(id)
  }

  async #ask(id: string): Promise<[id: string, noted: string]> {
    return (await this.#redis.script(MARK, [this.#key], [id])) as [string, string]
  }
}
