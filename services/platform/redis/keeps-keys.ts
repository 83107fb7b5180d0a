import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Redis } from './redis.ts'

/**
 * Whether the server keeps what it is given until it is told otherwise. One that may evict keys loses tasks and alerts in silence.
 * @returns why it is not known, when asking is not allowed
 * @throws MurmurError REDIS_EVICTS; UNAVAILABLE
 */
export async function requireKeptKeys(redis: Pick<Redis, 'info'>): Promise<string | undefined> {
  let memory: string
  try {
    memory = await redis.info('memory')
  } catch (error) {
    if (error instanceof MurmurError) throw error
    return messageOf(error)
  }
  const policy = evictionPolicy(memory)
  if (policy === undefined) return undefined
  throw new MurmurError(
    'REDIS_EVICTS',
    `Redis evicts keys when its memory is full (maxmemory-policy ${policy}): states of tasks would vanish`,
  )
}

/** The policy by which keys may be evicted, from what `INFO memory` says; undefined where none ever is. Pure. */
export function evictionPolicy(memory: string): string | undefined {
  const limit = Number(/^maxmemory:(\d+)/m.exec(memory)?.[1] ?? 0)
  const policy = /^maxmemory_policy:([\w-]+)/m.exec(memory)?.[1] ?? 'noeviction'
  return limit > 0 && policy !== 'noeviction' ? policy : undefined
}
