import { Redis as Client } from 'ioredis'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { Check } from '#platform/telemetry/health-server.ts'
import { LeaseKeeper } from '../../../services/orchestrator/partition/lease-keeper.ts'
import type { PartitionOwner } from '../../../services/orchestrator/partition/partition-owner.ts'
import { createRedis, readScript, waitForRedis } from '../../../services/platform/redis/redis.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const scripts = new URL('../../../services/orchestrator/partition/', import.meta.url)
const LEASE = readScript('murmurTestLease', new URL('lease.lua', scripts))
const MEMBERSHIP = readScript('murmurTestMembership', new URL('membership.lua', scripts))

const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
t.teardown(() => redis.close())
const client = new Client(servers.redisUrl)
t.teardown(() => client.disconnect())
await waitForRedis(redis, 10_000)

const lease = (key: string, owner: string, ttlMs: number) => redis.script(LEASE, [key], [owner, ttlMs])

t.test('a lease that somebody has is nobody else’s', async (t) => {
  t.equal(await lease('lease:a', 'one', 60_000), 1)
  t.equal(await lease('lease:a', 'other', 60_000), 0, 'it can’t be taken')
  t.equal(await lease('lease:a', 'other', 0), 0, 'and not be given back by others')
  t.equal(await redis.get('lease:a'), 'one')
  t.equal(await lease('lease:a', 'one', 60_000), 1, 'its owner renews it')
})

t.test('a lease that is given back is free at once', async (t) => {
  t.equal(await lease('lease:b', 'one', 60_000), 1)
  t.equal(await lease('lease:b', 'one', 0), 1)
  t.equal(await redis.get('lease:b'), null)
  t.equal(await lease('lease:b', 'other', 60_000), 1)
})

t.test('a lease that is not renewed runs out', async (t) => {
  t.equal(await lease('lease:c', 'crashed', 50), 1)
  await until('it is free', async () => (await lease('lease:c', 'other', 60_000)) === 1, 5000)
  t.equal(await redis.get('lease:c'), 'other')
})

t.test('members are those that have been heard lately and have not left', async (t) => {
  const KEYS = ['members', 'refusals:{members}', 'aware:{members}', 'leases:{members}']
  const members = async (instance: string, ttlMs: number) => {
    const answer = (await redis.script(MEMBERSHIP, KEYS, [instance, ttlMs, '', ''])) as string[] | [string[]]
    return Array.isArray(answer[0]) ? answer[0] : answer
  }
  t.strictSame(await members('b', 60_000), ['b'])
  t.strictSame(await members('a', 60_000), ['a', 'b'], 'by name')
  t.strictSame(await members('b', 0), ['a'], 'one leaves')
  await members('c', 60_000)
  // Whoever asks says how long silence is borne.
  await until('those that are silent are gone', async () => (await members('a', 20)).join() === 'a', 5000)
})

t.test('ready is who owns all of its share, and whose partitions answer for their tasks', async (t) => {
  const checks = new Map<number, Check>()
  const createOwner = (partition: number) => {
    checks.set(partition, { ok: false, detail: `partition ${partition} is being opened, 0 events wait` })
    const owner = { start: () => undefined, stop: async () => undefined, check: () => checks.get(partition)! }
    return owner as unknown as PartitionOwner
  }
  const keeper = new LeaseKeeper({
    ...{ redis, instance: 'one', partitions: 2, clock: systemClock, log: quietLog, createOwner },
  })
  t.match(keeper.check(), { ok: false, detail: 'the partitions have not been shared out yet' })
  t.equal(await lease('murmur:{p1}:lease', 'crashed', 60_000), 1)
  await keeper.start()
  t.teardown(() => keeper.stop())
  t.match(keeper.check(), {
    ok: false,
    detail: "partition 0 is being opened, 0 events wait; partition 1 is still another's",
  })
  checks.set(0, { ok: true, detail: '' })
  t.match(keeper.check(), { ok: false, detail: "partition 1 is still another's" })
  await lease('murmur:{p1}:lease', 'crashed', 0)
  await until('it is taken', () => checks.has(1))
  checks.set(1, { ok: true, detail: '' })
  await until('ready', () => keeper.check().ok)
  t.equal(keeper.check().detail, '2 partitions move')
})

/** As an orchestrator of a release that knows nothing of purged logs says that it is alive. */
const OLDER = {
  name: 'murmurTestOlderMember',
  lua: `local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])`,
}

t.test(
  'of a purged log all have to know, also who was started anew under a name that was known',
  async (t) => {
    const KEYS = ['those', 'refusals:{those}', 'aware:{those}', 'leases:{those}']
    const all = async (instance: string, ttlMs = 60_000) => {
      const [, , leases] = (await redis.script(MEMBERSHIP, KEYS, [instance, ttlMs, '', 5000])) as string[][]
      return leases!.every((lease) => lease === '5000')
    }
    t.equal(await all('a'), true)
    t.equal(await all('b'), true)
    await redis.script(OLDER, ['those'], ['c'])
    t.equal(await all('a'), false, 'c has not said it')
    await all('c')
    t.equal(await all('a'), true, 'it was upgraded')
    await until('its time is another one', async () => {
      await redis.script(OLDER, ['those'], ['b'])
      return !(await all('a'))
    })
    t.equal(await all('b', 0), true, 'it has left')
  },
)

t.test('nothing is purged while an earlier release is there, nor right after', async (t) => {
  const clock = createManualClock()
  const createOwner = () =>
    ({
      start: () => undefined,
      stop: async () => undefined,
      check: () => ({ ok: true, detail: '' }),
    }) as unknown as PartitionOwner
  const warned: string[] = []
  const log = {
    ...quietLog,
    warn: (_: object, message: string) => void warned.push(message),
  } as typeof quietLog
  await redis.script(OLDER, ['murmur:orchestrators'], ['older'])
  t.teardown(() => client.zrem('murmur:orchestrators', 'older'))
  const keeper = new LeaseKeeper({ redis, instance: 'two', partitions: 1, clock, log, createOwner })
  await keeper.start()
  t.teardown(() => keeper.stop())
  await clock.advance(5000)
  t.notOk(keeper.mayPurge)
  t.equal(warned.filter((message) => message.includes('earlier release')).length, 1, 'it is told once')
})
t.test(
  'partitions come and go while it runs; it says how long it goes by what it knows of them',
  async (t) => {
    const ended: number[] = []
    const createOwner = (partition: number) => {
      const owner = { start: () => undefined, stop: async () => void ended.push(partition) }
      return { ...owner, check: () => ({ ok: true, detail: '' }) } as unknown as PartitionOwner
    }
    let all = [0, 1]
    const live = { all: () => all }
    const keeper = new LeaseKeeper({
      ...{ redis, instance: 'new', partitions: 2, live, epochLeaseMs: 5000, clock: systemClock },
      ...{ log: quietLog, createOwner },
    })
    await keeper.start()
    t.teardown(() => keeper.stop())
    const owned = () => [...keeper.owners.keys()].toSorted((a, b) => a - b).join()
    t.equal(owned(), '0,1')
    t.strictSame([keeper.members, keeper.unaware, keeper.longestLeaseMs], [1, [], 5000])
    all = [0, 1, 2, 3, 4]
    await until('the new ones are owned', () => owned() === '0,1,2,3,4')
    all = [2, 3, 4]
    await until('those that have gone are given back', () => owned() === '2,3,4')
    t.strictSame(ended, [0, 1])
    t.equal(await client.exists('murmur:{p0}:lease', 'murmur:{p1}:lease'), 0)
    // As a release does that knows of no epochs.
    await client.zadd('murmur:orchestrators', 1e15, 'old')
    await until('it is told apart', () => keeper.unaware.join() === 'old')
    t.equal(keeper.members, 2)
  },
)
