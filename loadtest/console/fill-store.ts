import { randomBytes } from 'node:crypto'
import type { TaskState } from '../../schemas/task.ts'
import { commitId, newClaim } from '../../services/orchestrator/partition/partition-store.ts'
import { RedisPartitionStore } from '../../services/orchestrator/partition/redis-partition-store.ts'
import { createRedis, waitForRedis } from '../../services/platform/redis/redis.ts'
import { partitionOf } from '../../subjects/subjects.ts'
import { until } from '../bench/measure.ts'
import type { ConsoleStack } from './console-stack.ts'

/** As services have it unless told otherwise. */
const PARTITIONS = 16
const BATCH = 500
const KEEP_MS = 24 * 3_600_000
/** Between two tasks that are next to each other in the list. Milliseconds. */
export const APART_MS = 700
const SEEDS = 24
const SEED_TIMEOUT_MS = 30_000
const REDIS_TIMEOUT_MS = 5000

const step = (id: string, agent: string, input: object, more: object = {}) => ({ id, agent, input, ...more })
const TEAMS = ['north', 'south', 'east', 'west']

/** Real tasks, completed and failed, of one to three steps, with labels. @returns their states, as the store has them */
export async function runSeeds(stack: ConsoleStack): Promise<TaskState[]> {
  const receipts = await Promise.all(
    Array.from({ length: SEEDS }, (_, n) => {
      const bad = n % 8 === 7
      const chain = ['noop-a', 'noop-b', 'noop-c'].slice(0, 1 + (n % 3)).map((agent, at) => {
        const id = ['fetch', 'transform', 'publish'][at]!
        // What is no text is refused by the agent: an error as users have them.
        const input = { payload: bad ? n : `${id} ${n}` }
        return step(id, agent, input, at === 0 ? {} : { needs: [['fetch', 'transform'][at - 1]] })
      })
      const labels = { team: TEAMS[n % TEAMS.length]!, customer: `customer-${n}` }
      return stack.ask<{ taskId: string }>('/v1/tasks', { type: 'plan', labels, plan: { steps: chain } })
    }),
  )
  const read = ({ taskId }: { taskId: string }) =>
    stack.ask<{ task: TaskState }>(`/v1/tasks/${taskId}`).then(({ task }) => task)
  let states: TaskState[] = []
  await until(
    'seed tasks',
    async () => {
      states = await Promise.all(receipts.map(read))
      return states.every(({ status }) => status === 'completed' || status === 'failed')
    },
    SEED_TIMEOUT_MS,
  )
  return states
}

/**
 * Puts so many tasks into the store, by its own writer and in its own form: what real tasks came to, under other ids, created one after the other
 * before `beforeMs`. No orchestrator runs meanwhile, since each partition has one writer.
 */
export async function fillStore(
  stack: ConsoleStack,
  seeds: readonly TaskState[],
  { tasks, beforeMs }: { tasks: number; beforeMs: number },
): Promise<void> {
  await stack.end('orchestrator')
  const redis = createRedis(stack.servers.redisUrl)
  try {
    await waitForRedis(redis, REDIS_TIMEOUT_MS)
    const store = new RedisPartitionStore(redis)
    const writers = await Promise.all(
      Array.from({ length: PARTITIONS }, async (_, partition) => {
        const position = (await store.position(partition))!
        return { partition, position, claim: newClaim(), commits: 0, waiting: [] as TaskState[] }
      }),
    )
    const flush = async (writer: (typeof writers)[number]) => {
      const { partition, position, claim, waiting } = writer
      writer.waiting = []
      const isDone = await store.commit(partition, {
        id: commitId(claim, writer.commits++),
        expectedOffset: position.offset,
        offset: position.offset,
        emitted: position.emitted,
        level: true,
        log: position.log!,
        writes: waiting.map((state) => ({ state, dueMs: undefined, isNew: true, keepMs: KEEP_MS })),
        depth: new Map(),
        tenants: new Map(),
      })
      if (!isDone) throw new Error(`partition ${partition} has another writer`)
    }
    for (let n = 0; n < tasks; n++) {
      const seed = seeds[n % seeds.length]!
      const createdAtMs = beforeMs - n * APART_MS
      const movedMs = createdAtMs - seed.createdAtMs
      const id = `t${randomBytes(17).toString('base64url').slice(0, 22)}`
      const finishedAtMs = seed.finishedAtMs! + movedMs
      const writer = writers[partitionOf(id, PARTITIONS)]!
      writer.waiting.push({ ...seed, id, createdAtMs, finishedAtMs })
      if (writer.waiting.length >= BATCH) await flush(writer)
    }
    await Promise.all(writers.filter(({ waiting }) => waiting.length > 0).map(flush))
  } finally {
    await redis.close()
  }
  await stack.begin('orchestrator')
}
