/**
 * The part of Redis that services use; keys and values are text. Every call throws MurmurError UNAVAILABLE, with a hint when to
 * come back, when the server does not serve just now; what it says about a wrong command is thrown as it is: that is our fault.
 */
export interface Redis {
  /** The connection stands, it has answered within the last seconds, and refuses nothing that it should do. */
  readonly ready: boolean
  /** Told when it has been silent for two seconds, and when it answers again. */
  onServing(listener: (isServing: boolean) => void): void
  /** A section of what the server tells about itself, as `name:value` lines: of each that takes writes, one but in a cluster. */
  info(section: string): Promise<string[]>
  /** A Lua script by name; see `defineScript`. */
  script(script: Script, keys: string[], args: (string | number)[]): Promise<unknown>
  mget(keys: string[]): Promise<(string | null)[]>
  hgetall(key: string): Promise<Record<string, string>>
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>
  get(key: string): Promise<string | null>
  /** SET key value PX ttlMs. */
  setFor(key: string, value: string, ttlMs: number): Promise<void>
  hset(key: string, field: string, value: string): Promise<void>
  hdel(key: string, fields: string[]): Promise<void>
  /** Members with the smallest scores up to `max`, with their scores. */
  zrangeByScore(key: string, max: number | '+inf', limit: number): Promise<[member: string, score: number][]>
  /** Members from the highest score down. */
  zrevrange(key: string, start: number, stop: number): Promise<string[]>
  /** Highest score first; of equal scores, the larger member first. */
  zrevrangeByScore(
    key: string,
    page: { max: number | '+inf'; start: number; count: number },
  ): Promise<[member: string, score: number][]>
  /** Members of equal score in the order of their bytes; bounds as ZRANGEBYLEX has them: `[` with, `(` without. */
  zrangeByLex(key: string, page: { min: string; max: string; count: number }): Promise<string[]>
  /** The score of a member; undefined when it is not there. */
  zscore(key: string, member: string): Promise<number | undefined>
  zrem(key: string, members: string[]): Promise<void>
  close(): Promise<void>
}

/** A Lua script. Its first lines are a contract: KEYS, ARGV, every return value. */
export interface Script {
  readonly name: string
  readonly lua: string
}
