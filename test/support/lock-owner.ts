import { systemClock } from '#platform/clock/clock.ts'
import { Locks } from '#platform/locks/locks.ts'
import { FencedValue } from '#platform/redis/fenced-value.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { RedisLockStore } from '#platform/redis/redis-lock-store.ts'

/** A process that acquires a lock, and writes when its parent says so: what it says back, line by line, is `LockOwnerSays`. */
export type LockOwnerSays =
  | { kind: 'acquired'; token: number }
  | { kind: 'wrote'; accepted: boolean }
  | { kind: 'lost'; code: string }

const [redisUrl = '', key = '', leaseMs = '1000'] = process.argv.slice(2)
const redis = createRedis(redisUrl)
const say = (message: LockOwnerSays) => process.send?.(message)

await waitForRedis(redis, 5000)
const value = new FencedValue(redis, { key, keptMs: 60_000 })
const locks = new Locks({ store: new RedisLockStore(redis), clock: systemClock, scope: 'test' })
const held = await locks.acquire('file', { leaseMs: Number(leaseMs) })
held.signal.addEventListener('abort', () => say({ kind: 'lost', code: held.signal.reason.code }))
process.on('message', async (text: string) =>
  say({ kind: 'wrote', accepted: await value.write(held.token, text) }),
)
process.once('disconnect', () => process.exit())
say({ kind: 'acquired', token: held.token })
