import { readFileSync } from 'node:fs'
import { systemClock } from '#platform/clock/clock.ts'
import { loadRedisTls } from '#platform/config/connections.ts'
import { parseRedisUrl, REDIS_URL_FORMS } from '#platform/config/redis-url.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { RedisAdapter } from './redis-adapter.ts'
import { PING_KEY } from './redis-connection.ts'
import type { Redis, Script } from './redis-contract.ts'
import { redisSecrets } from './redis-secrets.ts'

export type { Redis, Script } from './redis-contract.ts'

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
