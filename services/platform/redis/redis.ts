import { readFileSync } from 'node:fs'
import { systemClock } from '#platform/clock/clock.ts'
import { loadRedisTls } from '#platform/config/connections.ts'
import { parseRedisUrl, REDIS_URL_FORMS } from '#platform/config/redis-url.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { RedisAdapter } from './redis-adapter.ts'
import { PING_KEY } from './redis-connection.ts'
import { redisSecrets } from './redis-secrets.ts'

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
  zrem(key: string, members: string[]): Promise<void>
  close(): Promise<void>
}

/** A Lua script. Its first lines are a contract: KEYS, ARGV, every return value. */
export interface Script {
  readonly name: string
  readonly lua: string
}

const COMMAND_TIMEOUT_MS = 2000
/** A connection that is given up is not worth a polite end. */
const CLOSE_TIMEOUT_MS = 100

/**
 * Connects to Redis for request paths: a command fails within 2 s instead of waiting for the server to come back, and is
 * never sent twice behind the caller's back (a repeated INCR would count double); callers repeat what may be repeated.
 * A connection that is silent is given up and made anew: one of which the other end has gone without a word never fails by itself.
 * @param url one server, sentinels or a cluster: see `parseRedisUrl`. A server that turns out to be a node of a cluster is taken as one.
 * @throws MurmurError CONFIG_INVALID
 */
export function createRedis(
  url: string,
  options: { onStatus?: (status: string, detail: string) => void } = {},
): Redis {
  const address = parseRedisUrl(url)
  if (!address) throw new MurmurError('CONFIG_INVALID', `MURMUR_REDIS_URL ${REDIS_URL_FORMS}`)
  return new RedisAdapter(address, {
    base: {
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: COMMAND_TIMEOUT_MS,
      disconnectTimeout: CLOSE_TIMEOUT_MS,
      // What was under way when a connection ended fails at once.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      enableAutoPipelining: false,
      ...(address.tls && { tls: { ...loadRedisTls() } }),
    },
    secrets: redisSecrets(address),
    onStatus: options.onStatus ?? (() => {}),
  })
}

/** Resolves when Redis answers and has loaded its data. @throws MurmurError UNAVAILABLE after `timeoutMs` */
export async function waitForRedis(
  redis: Pick<Redis, 'get'>,
  timeoutMs: number,
  onWaiting: (error: unknown) => void = () => undefined,
): Promise<void> {
  const untilMs = systemClock.monotonicMs() + timeoutMs
  for (;;) {
    try {
      await redis.get(PING_KEY)
      return
    } catch (error) {
      if (systemClock.monotonicMs() > untilMs) throw error
      onWaiting(error)
      await systemClock.sleep(50)
    }
  }
}

/** Reads a checked-in Lua script; `name` becomes the command's name. */
export function readScript(name: string, url: URL): Script {
  return { name, lua: readFileSync(url, 'utf8') }
}
