import t from 'tap'
import type { Redis } from '#platform/redis/redis.ts'
import { createTestContext } from '#sdk/testing.ts'
import {
  checkpointKey,
  createCheckpointStore,
} from '../../../../../services/agents/video/tracking/monitor/checkpoint-store.ts'
import {
  type Checkpoint,
  NEW_MONITOR,
} from '../../../../../services/agents/video/tracking/monitor/monitor-state.ts'

const CHECKPOINT: Checkpoint = { v: 1, state: NEW_MONITOR, latency: { counts: [], max: 0 }, events: [] }

/** The two commands that the store uses, over a map. */
function memory(fault?: () => Error | undefined) {
  const values = new Map<string, string>()
  const check = () => {
    const error = fault?.()
    if (error) throw error
  }
  const redis = {
    async get(key: string) {
      check()
      return values.get(key) ?? null
    },
    async setFor(key: string, value: string) {
      check()
      values.set(key, value)
    },
  } as unknown as Redis
  return { values, redis }
}
const slept: number[] = []
const sleep = async (ms: number) => void slept.push(ms)

t.test('a checkpoint is found again, its small numbers with seven digits, times as they are', async (t) => {
  const { values, redis } = memory()
  const store = createCheckpointStore(redis, createTestContext({ taskId: 'm' }), sleep)
  t.equal(await store.load(), undefined)
  const latency = { counts: [], max: 1 / 3 }
  const timeline = { lastMs: 1_790_000_000_123.456, offsetMs: 0.123456789 }
  await store.save(() => ({ ...CHECKPOINT, latency, state: { ...NEW_MONITOR, timeline } }))
  t.strictSame([...values.keys()], [checkpointKey('m')])
  const found = await store.load()
  t.equal(found?.latency.max, 0.3333333)
  t.strictSame(found?.state.timeline, { lastMs: 1_790_000_000_123.456, offsetMs: 0.1234568 })
})

t.test('what is no checkpoint is none, with a warning', async (t) => {
  for (const text of ['{', '{"v":2}']) {
    const { values, redis } = memory()
    const ctx = createTestContext({ taskId: 'm' })
    values.set(checkpointKey('m'), text)
    t.equal(await createCheckpointStore(redis, ctx, sleep).load(), undefined)
    t.equal(ctx.logged.filter(({ level }) => level === 'warn').length, 1)
  }
})

t.test('a read is tried five times; failures of writes are logged once until one succeeds', async (t) => {
  let failures = 4
  const { redis } = memory(() => (failures-- > 0 ? new Error('away') : undefined))
  const ctx = createTestContext({ taskId: 'm' })
  slept.length = 0
  const store = createCheckpointStore(redis, ctx, sleep)
  t.equal(await store.load(), undefined)
  t.strictSame(slept, [200, 200, 200, 200])
  t.equal(ctx.logged.length, 0, 'the fifth attempt was answered')
  failures = 2
  await store.save(() => CHECKPOINT)
  await store.save(() => CHECKPOINT)
  t.equal(ctx.logged.length, 1)
  await store.save(() => CHECKPOINT)
  failures = 1
  await store.save(() => CHECKPOINT)
  t.equal(ctx.logged.length, 2, 'it had worked in between')
})

t.test('without Redis nothing is found and nothing is saved', async (t) => {
  const store = createCheckpointStore(undefined, createTestContext({ taskId: 'm' }), sleep)
  t.equal(await store.load(), undefined)
  await store.save(() => {
    throw new Error('not even made')
  })
})
