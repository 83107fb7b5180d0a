import { readFileSync } from 'node:fs'
import { Redis as Client } from 'ioredis'
import { systemClock } from '#platform/clock/clock.ts'
import { currentCredentials, loadRedisCredentials, loadRedisTls } from '#platform/config/connections.ts'
import { RedisHealth } from './redis-health.ts'
import { storeError } from './store-error.ts'

/**
 * The part of Redis that services use; keys and values are text. Every call throws MurmurError UNAVAILABLE, with a hint when to
 * come back, when the server does not serve just now; what it says about a wrong command is thrown as it is: that is our fault.
 */
export interface Redis {
  /** The connection stands, it has answered within the last seconds, and refuses nothing that it should do. */
  readonly ready: boolean
  /** Told when it has been silent for two seconds, and when it answers again. */
  onServing(listener: (isServing: boolean) => void): void
  /** A section of what the server tells about itself, as `name:value` lines. */
  info(section: string): Promise<string>
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
/** For asking whether it answers: every user may. */
const PING_KEY = 'murmur:ping'
const PING_KEPT_MS = 60_000
/** A connection that is given up is not worth a polite end. */
const CLOSE_TIMEOUT_MS = 100

/**
 * Connects to Redis for request paths: a command fails within 2 s instead of waiting for the server to come back, and is
 * never sent twice behind the caller's back (a repeated INCR would count double); callers repeat what may be repeated.
 * A connection that is silent is given up and made anew: one of which the other end has gone without a word never fails by itself.
 */
export function createRedis(
  url: string,
  options: { onStatus?: (status: string, detail: string) => void } = {},
): Redis {
  let credentials = loadRedisCredentials()
  const client = new Client(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS,
    disconnectTimeout: CLOSE_TIMEOUT_MS,
    // What was under way when a connection ended fails at once.
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: false,
    retryStrategy: (attempt) => {
      if (credentials) {
        // Read by each attempt to connect: the password may be a new one.
        credentials = currentCredentials(credentials)
        client.options.password = credentials.password
      }
      return Math.min(50 * attempt, 500)
    },
    lazyConnect: true,
    ...(credentials && { username: credentials.user, password: credentials.password }),
    ...(url.startsWith('rediss:') && { tls: { ...loadRedisTls() } }),
  })
  client.on('error', (error) => options.onStatus?.('error', error.message))
  for (const status of ['ready', 'close', 'reconnecting'] as const)
    client.on(status, () => options.onStatus?.(status, ''))
  // Failing to connect at first is like losing the connection later: it goes on trying, and says so.
  client.connect().catch((error: Error) => options.onStatus?.('error', error.message))
  return new RedisAdapter(client)
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

class RedisAdapter implements Redis {
  readonly #client: Client
  readonly #health: RedisHealth
  readonly #defined = new Set<string>()

  constructor(client: Client) {
    this.#client = client
    this.#health = new RedisHealth({
      ping: ({ write }) => (write ? this.#client.set(PING_KEY, '', 'PX', PING_KEPT_MS) : this.#client.ping()),
      isConnected: () => this.#client.status === 'ready',
      giveUp: () => this.#client.disconnect(true),
      clock: systemClock,
    })
  }

  get ready(): boolean {
    return this.#client.status === 'ready' && this.#health.isServing && !this.#health.isRefusing
  }

  onServing(listener: (isServing: boolean) => void): void {
    this.#health.onServing(listener)
  }

  info(section: string): Promise<string> {
    return this.#ask(() => this.#client.info(section))
  }

  script(script: Script, keys: string[], args: (string | number)[]): Promise<unknown> {
    if (!this.#defined.has(script.name)) {
      // ioredis sends EVALSHA, and the script itself when the server does not know it (any more).
      this.#client.defineCommand(script.name, { lua: script.lua })
      this.#defined.add(script.name)
    }
    const call = (this.#client as unknown as Record<string, ScriptCall>)[script.name]!
    return this.#ask(() => call.call(this.#client, keys.length, ...keys, ...args))
  }

  async mget(keys: string[]): Promise<(string | null)[]> {
    return keys.length === 0 ? [] : this.#ask(() => this.#client.mget(keys))
  }

  hgetall(key: string): Promise<Record<string, string>> {
    return this.#ask(() => this.#client.hgetall(key))
  }

  hmget(key: string, ...fields: string[]): Promise<(string | null)[]> {
    return this.#ask(() => this.#client.hmget(key, ...fields))
  }

  get(key: string): Promise<string | null> {
    return this.#ask(() => this.#client.get(key))
  }

  async setFor(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#ask(() => this.#client.set(key, value, 'PX', ttlMs))
  }

  async hset(key: string, field: string, value: string): Promise<void> {
    await this.#ask(() => this.#client.hset(key, field, value))
  }

  async hdel(key: string, fields: string[]): Promise<void> {
    if (fields.length > 0) await this.#ask(() => this.#client.hdel(key, ...fields))
  }

  async zrangeByScore(key: string, max: number | '+inf', limit: number): Promise<[string, number][]> {
    const flat = await this.#ask(() =>
      this.#client.zrangebyscore(key, '-inf', max, 'WITHSCORES', 'LIMIT', 0, limit),
    )
    return pairsOf(flat)
  }

  zrevrange(key: string, start: number, stop: number): Promise<string[]> {
    return this.#ask(() => this.#client.zrevrange(key, start, stop))
  }

  async zrevrangeByScore(
    key: string,
    { max, start, count }: { max: number | '+inf'; start: number; count: number },
  ): Promise<[string, number][]> {
    const flat = await this.#ask(() =>
      this.#client.zrevrangebyscore(key, max, '-inf', 'WITHSCORES', 'LIMIT', start, count),
    )
    return pairsOf(flat)
  }

  async zrangeByLex(
    key: string,
    { min, max, count }: { min: string; max: string; count: number },
  ): Promise<string[]> {
    return this.#ask(() => this.#client.zrangebylex(key, min, max, 'LIMIT', 0, count))
  }

  async zrem(key: string, members: string[]): Promise<void> {
    if (members.length > 0) await this.#ask(() => this.#client.zrem(key, ...members))
  }

  async close(): Promise<void> {
    this.#health.stop()
    this.#client.disconnect()
  }

  /** One command. Its answer, even a refusal, says that the server is there. */
  async #ask<T>(command: () => Promise<T>): Promise<T> {
    try {
      const answer = await command()
      this.#health.heard()
      return answer
    } catch (error) {
      this.#health.failed(error)
      throw storeError(error)
    }
  }
}

type ScriptCall = (this: Client, numberOfKeys: number, ...rest: (string | number)[]) => Promise<unknown>

/** Members and scores, as Redis answers with them: one after the other. */
function pairsOf(flat: readonly string[]): [string, number][] {
  const pairs: [string, number][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i]!, Number(flat[i + 1])])
  return pairs
}

/** Reads a checked-in Lua script; `name` becomes the command's name. */
export function readScript(name: string, url: URL): Script {
  return { name, lua: readFileSync(url, 'utf8') }
}
