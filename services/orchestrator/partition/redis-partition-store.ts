import { readScript } from '#platform/redis/read-script.ts'
import type { Redis } from '#platform/redis/redis.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { Commit, IndexedTask, PartitionPosition, PartitionStore, TaskWrite } from './partition-store.ts'

const COMMIT = readScript('murmurCommit', new URL('./commit.lua', import.meta.url))
const MARK_EMITTED = readScript('murmurMarkEmitted', new URL('./mark-emitted.lua', import.meta.url))

/** All keys of a partition share the hash tag `{pN}`, so that Redis Cluster keeps them together. */
export const PARTITION_KEYS = {
  position: (p: number) => `murmur:{p${p}}:position`,
  timers: (p: number) => `murmur:{p${p}}:timers`,
  index: (p: number) => `murmur:{p${p}}:index`,
  depth: (p: number) => `murmur:{p${p}}:depth`,
  tenants: (p: number) => `murmur:{p${p}}:tenants`,
  lease: (p: number) => `murmur:{p${p}}:lease`,
  state: (p: number, id: string) => `murmur:{p${p}}:state:${id}`,
  definition: (p: number, id: string) => `murmur:{p${p}}:definition:${id}`,
} as const

/** The fold in Redis: one script call a commit. */
export class RedisPartitionStore implements PartitionStore {
  readonly #redis: Redis
  readonly #keepFinishedMs: number

  constructor(redis: Redis, options: { keepFinishedMs: number }) {
    this.#redis = redis
    this.#keepFinishedMs = options.keepFinishedMs
  }

  async position(partition: number): Promise<PartitionPosition | undefined> {
    const [offset, emitted] = await this.#redis.hmget(PARTITION_KEYS.position(partition), 'offset', 'emitted')
    return offset === null || offset === undefined
      ? undefined
      : { offset: Number(offset), emitted: Number(emitted) }
  }

  async readTasks(partition: number, ids: string[]): Promise<(TaskState | undefined)[]> {
    const keys = ids.flatMap((id) => [
      PARTITION_KEYS.state(partition, id),
      PARTITION_KEYS.definition(partition, id),
    ])
    const found = await this.#redis.mget(keys)
    return ids.map((_, i) => {
      const [state, definition] = [found[2 * i], found[2 * i + 1]]
      return state && definition ? { ...JSON.parse(definition), ...JSON.parse(state) } : undefined
    })
  }

  async commit(partition: number, commit: Commit): Promise<boolean> {
    const { writes } = commit
    const keys = [
      PARTITION_KEYS.position(partition),
      PARTITION_KEYS.timers(partition),
      PARTITION_KEYS.index(partition),
      PARTITION_KEYS.depth(partition),
      PARTITION_KEYS.tenants(partition),
      ...writes.flatMap((write) => keysOf(partition, write)),
    ]
    const args: (string | number)[] = [commit.expectedOffset ?? '', commit.offset, commit.emitted, commit.id]
    for (const counts of [commit.depth, commit.tenants]) {
      args.push(counts.size)
      for (const [name, delta] of counts) args.push(name, delta)
    }
    for (const write of writes) args.push(...this.#taskArgs(write))
    return (await this.#redis.script(COMMIT, keys, args)) === 1
  }

  async markEmitted(partition: number, offset: number, emitted: number): Promise<boolean> {
    return (
      (await this.#redis.script(MARK_EMITTED, [PARTITION_KEYS.position(partition)], [offset, emitted])) === 1
    )
  }

  async dueTimers(
    partition: number,
    untilMs: number,
    limit: number,
  ): Promise<{ taskId: string; dueMs: number }[]> {
    const due = await this.#redis.zrangeByScore(PARTITION_KEYS.timers(partition), untilMs, limit)
    return due.map(([taskId, dueMs]) => ({ taskId, dueMs }))
  }

  async nextTimerMs(partition: number): Promise<number | undefined> {
    const [first] = await this.#redis.zrangeByScore(PARTITION_KEYS.timers(partition), '+inf', 1)
    return first?.[1]
  }

  async newestTasks(
    partition: number,
    { untilMs, start, count }: { untilMs?: number | undefined; start: number; count: number },
  ): Promise<IndexedTask[]> {
    const index = PARTITION_KEYS.index(partition)
    const entries = await this.#redis.zrevrangeByScore(index, { max: untilMs ?? '+inf', start, count })
    return entries.map(([id, createdAtMs]) => ({ id, createdAtMs }))
  }

  forget(partition: number, ids: string[]): Promise<void> {
    return this.#redis.zrem(PARTITION_KEYS.index(partition), ids)
  }

  depth(partition: number): Promise<Map<string, number>> {
    return this.#counts(PARTITION_KEYS.depth(partition))
  }

  activeByTenant(partition: number): Promise<Map<string, number>> {
    return this.#counts(PARTITION_KEYS.tenants(partition))
  }

  async #counts(key: string): Promise<Map<string, number>> {
    const counts = await this.#redis.hgetall(key)
    return new Map(Object.entries(counts).map(([name, count]) => [name, Number(count)]))
  }

  #taskArgs({ state, dueMs, isNew }: TaskWrite): (string | number)[] {
    // What never changes is most of a small task, and a task is written at each of its events.
    const { status, rev, seq, finishedAtMs, steps, output, error, ...fixed } = state
    const changing = { status, rev, seq, finishedAtMs, steps, output, error }
    const ttl = isTerminal(status) ? this.#keepFinishedMs : ''
    const due = dueMs === 'unchanged' ? '=' : (dueMs ?? '')
    const definition = isNew ? JSON.stringify(fixed) : ''
    return [state.id, JSON.stringify(changing), ttl, due, isNew ? state.createdAtMs : '', definition]
  }
}

function keysOf(partition: number, { state, isNew }: TaskWrite): string[] {
  const key = PARTITION_KEYS.state(partition, state.id)
  return isNew || isTerminal(state.status) ? [key, PARTITION_KEYS.definition(partition, state.id)] : [key]
}
