import {
  currentCredentials,
  loadRedisCredentials,
  loadSentinelCredentials,
} from '#platform/config/connections.ts'
import type { RedisAddress } from '#platform/config/redis-url.ts'
import type { OpenOptions } from './redis-connection.ts'

/**
 * Who this process is to Redis and to its sentinels: what files say, read again by each call, or what stands in the URL.
 * @throws MurmurError CONFIG_INVALID
 */
export function redisSecrets({ kind, user, password }: RedisAddress): OpenOptions['secrets'] {
  let own = loadRedisCredentials()
  let sentinel = kind === 'sentinel' ? loadSentinelCredentials() : undefined
  const stated = {
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
  }
  return () => {
    own &&= currentCredentials(own)
    sentinel &&= currentCredentials(sentinel)
    return {
      ...(own ? { username: own.user, password: own.password } : stated),
      ...(sentinel && { sentinelUsername: sentinel.user, sentinelPassword: sentinel.password }),
    }
  }
}
