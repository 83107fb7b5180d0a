import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { Locks } from '#platform/locks/locks.ts'
import { FencedValue } from '#platform/redis/fenced-value.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { RedisLockStore } from '#platform/redis/redis-lock-store.ts'
import type { LockOwnerSays } from '../support/lock-owner.ts'
import { withServers } from '../support/servers.ts'

const LEASE_MS = 1000
const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
const admin = new Client(servers.redisUrl)
t.teardown(async () => {
  await redis.close()
  admin.disconnect()
})
await waitForRedis(redis, 5000)
const locks = new Locks({ store: new RedisLockStore(redis), clock: systemClock, scope: 'test' })

for (const isFlushed of [false, true])
  t.test(
    `a process that is stopped for longer than its lease${isFlushed ? ', while Redis is emptied' : ''}`,
    async (t) => {
      const key = `fenced-${isFlushed}`
      const value = new FencedValue(redis, { key, keptMs: 60_000 })
      const owner = fork(join(import.meta.dirname, '../support/lock-owner.ts'), [
        servers.redisUrl,
        key,
        String(LEASE_MS),
      ])
      t.teardown(() => owner.kill('SIGKILL'))
      const acquired = await said(owner, 'acquired')
      owner.send('first')
      t.strictSame(await said(owner, 'wrote'), { kind: 'wrote', accepted: true })

      owner.kill('SIGSTOP')
      if (isFlushed) await admin.flushall()
      const held = await locks.acquire('file', { leaseMs: LEASE_MS })
      t.ok(held.token > acquired.token)
      t.ok(await value.write(held.token, 'second'))
      // It lies in its pipe until the process goes on.
      owner.send('late')
      const heard = Promise.all([said(owner, 'wrote'), said(owner, 'lost')])
      owner.kill('SIGCONT')
      t.strictSame(await heard, [
        { kind: 'wrote', accepted: false },
        { kind: 'lost', code: 'LOCK_LOST' },
      ])
      t.strictSame(await value.read(), { token: held.token, value: 'second' })
      t.ok(held.isHeld())
      await held.release()
    },
  )

async function said<Kind extends LockOwnerSays['kind']>(
  owner: ChildProcess,
  kind: Kind,
): Promise<Extract<LockOwnerSays, { kind: Kind }>> {
  for (;;) {
    const [message] = (await once(owner, 'message')) as [LockOwnerSays]
    if (message.kind === kind) return message as Extract<LockOwnerSays, { kind: Kind }>
  }
}
