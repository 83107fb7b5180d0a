import { Redis as Client } from 'ioredis'
import t, { type Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createManualClock, type ManualClock } from '#platform/clock/manual-clock.ts'
import type { LockGrant } from '#platform/locks/lock-store.ts'
import { MemoryLockStore } from '#platform/locks/memory-lock-store.ts'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { RedisLockStore } from '#platform/redis/redis-lock-store.ts'
import { checkLockStore } from '../../support/lock-store-conformance.ts'
import { withServers } from '../../support/servers.ts'

const MAX_LOCKS = 3
const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
const admin = new Client(servers.redisUrl)
t.teardown(async () => {
  await redis.close()
  admin.disconnect()
})
await waitForRedis(redis, 5000)

t.test('in Redis', (t) =>
  checkLockStore(t, async () => ({
    store: new RedisLockStore(redis, { maxLocks: MAX_LOCKS }),
    flush: async () => void (await admin.flushall()),
    // Redis' own time goes by; how fast does not matter to any verdict.
    pass: (ms) => systemClock.sleep(ms),
    shortMs: 40,
  })),
)

t.test('in memory', (t) =>
  checkLockStore(t, async () => {
    const clock = createManualClock()
    const store = new MemoryLockStore(clock, { maxLocks: MAX_LOCKS })
    return { store, flush: async () => store.flush(), pass: (ms) => clock.advance(ms), shortMs: 1000 }
  }),
)

t.test('the suite finds stores that break a promise', async (t) => {
  class CountsOnly extends MemoryLockStore {
    #granted = 0
    override async acquire(...args: Parameters<MemoryLockStore['acquire']>) {
      const answer = await super.acquire(...args)
      return answer.kind === 'granted' ? { ...answer, token: ++this.#granted } : answer
    }
    override flush(): void {
      this.#granted = 0
      super.flush()
    }
  }
  class RenewsAnything extends MemoryLockStore {
    override async renew(_: LockGrant): Promise<boolean> {
      return true
    }
  }
  class ReleasesAnything extends MemoryLockStore {
    override async release(grant: LockGrant): Promise<boolean> {
      return super.release(grant).then(() => true)
    }
  }
  for (const Broken of [CountsOnly, RenewsAnything, ReleasesAnything])
    t.ok((await failuresOf((clock) => new Broken(clock, { maxLocks: MAX_LOCKS }))) > 0, Broken.name)
  t.equal(await failuresOf((clock) => new MemoryLockStore(clock, { maxLocks: MAX_LOCKS })), 0)
})

t.test('what is kept of locks does not grow with their names', async (t) => {
  const store = new RedisLockStore(redis)
  for (let i = 0; i < 50; i++) {
    const claim = { scope: 'many', name: `lock-${i}`, owner: 'one' }
    const answer = await store.acquire(claim, 60_000)
    if (answer.kind === 'granted') await store.release({ ...claim, token: answer.token })
  }
  t.strictSame((await admin.keys('murmur:{locks:many}*')).sort(), ['murmur:{locks:many}:token'])
  t.ok((await admin.pttl('murmur:{locks:many}:token')) > 0, 'and not for ever')
})

t.test('a counter that is ahead of the clock, as when it was set back, goes on', async (t) => {
  const store = new RedisLockStore(redis)
  const ahead = (Date.now() + 3_600_000) * 1000
  await admin.set('murmur:{locks:ahead}:token', ahead)
  const answer = await store.acquire({ scope: 'ahead', name: 'a', owner: 'one' }, 60_000)
  t.strictSame(answer, { kind: 'granted', token: ahead + 1 })
})

/** Expectations of the suite that a store does not meet. */
async function failuresOf(make: (clock: ManualClock) => MemoryLockStore): Promise<number> {
  let failures = 0
  const count = (ok: boolean) => void (ok || failures++)
  const quiet = {
    ok: (value: unknown) => count(Boolean(value)),
    notOk: (value: unknown) => count(!value),
    equal: (a: unknown, b: unknown) => count(a === b),
    strictSame: (a: unknown, b: unknown) => count(JSON.stringify(a) === JSON.stringify(b)),
    match: () => undefined,
    pass: () => undefined,
    rejects: (work: Promise<unknown>) =>
      work.then(
        () => count(false),
        () => undefined,
      ),
    test: (_: string, body: (t: unknown) => Promise<void>) => body(quiet).catch(() => count(false)),
  }
  const clock = createManualClock()
  const store = make(clock)
  await checkLockStore(quiet as unknown as Test, async () => ({
    store,
    flush: async () => store.flush(),
    pass: (ms) => clock.advance(ms),
    shortMs: 1000,
  }))
  return failures
}
