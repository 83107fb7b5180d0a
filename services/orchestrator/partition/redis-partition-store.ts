import { messageOf } from '#platform/errors/murmur-error.ts'
import { type Redis, readScript } from '#platform/redis/redis.ts'
import { isNotNow, isRefused, isReply } from '#platform/redis/store-error.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { TaskState } from '#schemas/task.ts'
import type { KeptItem } from '#workflow/decide/commands.ts'
import { cameraArgs, camerasByTenant } from './camera-counts.ts'
import {
  approvalArgs,
  approvalOf,
  itemPlace,
  keysOf,
  nameOf,
  PARTITION_KEYS,
  taskArgs,
  taskKeys,
} from './commit-args.ts'
import { IndexTrimmer } from './index-trimmer.ts'
import {
  type Commit,
  CommitRefused,
  claimOf,
  type IndexedTask,
  type LogMark,
  type Lost,
  type OpenApproval,
  type PartitionLoad,
  type PartitionPosition,
  type PartitionStore,
  PositionUnreadable,
  type UnreadableTask,
} from './partition-store.ts'
import { openText } from './state-sealing.ts'
import { decodeTask, isUnreadable } from './stored-task.ts'

const script = (name: string, file: string) => readScript(name, new URL(file, import.meta.url))
const COMMIT = script('murmurCommit', './commit.lua')
const MARK_EMITTED = script('murmurMarkEmitted', './mark-emitted.lua')
const READ_LOAD = script('murmurReadLoad', './read-load.lua')
const RESET = script('murmurReset', './reset.lua')
const CLEAR_TASKS = script('murmurClearTasks', './clear-tasks.lua')
const SETTLE_RESET = script('murmurSettleReset', './settle-reset.lua')
const LIST_ACTIVE = script('murmurListActive', './list-active.lua')
const LIST_OLDEST = script('murmurListOldest', './list-oldest.lua')

/** Tasks taken away by one call. */
const CLEAR_BATCH = 500
const MAX_LOST_EXAMPLES = 20
const NO_CHANGES: ReadonlyMap<string, number> = new Map()
/** Active tasks that one call gives, about. */
const ACTIVE_BATCH = 1000

export { PARTITION_KEYS }

/** The fold in Redis: one script call a commit. */
export class RedisPartitionStore implements PartitionStore {
  readonly #redis: Redis
  readonly #codec: PayloadCodec | undefined
  readonly #trimmer: IndexTrimmer

  /** @param codec encrypts what is stored of tasks */
  constructor(redis: Redis, codec?: PayloadCodec) {
    this.#redis = redis
    this.#codec = codec
    this.#trimmer = new IndexTrimmer(redis, PARTITION_KEYS)
  }

  async position(partition: number): Promise<PartitionPosition | undefined> {
    const key = PARTITION_KEYS.position(partition)
    const fields = ['offset', 'emitted', 'level', 'stream', 'at', 'clearing', 'token', 'restored', 'left']
    const [offset, emitted, level, stream, at, clearing, token, restored, left] = await this.#redis
      .hmget(key, ...fields)
      .catch((cause: unknown) => {
        if (!isFaultOfData(cause)) throw cause
        throw new PositionUnreadable(messageOf(cause), { cause })
      })
    if (offset == null) return undefined
    if (clearing === '1') throw new PositionUnreadable('a reset was cut short')
    const position = {
      offset: Number(offset),
      emitted: Number(emitted),
      // Earlier versions wrote nothing of it, and emitted nothing before it was so.
      level: level == null ? Number(emitted) > 0 : level === '1',
      log: stream ? { stream, storedAtMs: Number(at) } : undefined,
      ...(token && { claim: claimOf(token) }),
      ...(restored && { restoredAtMs: Number(restored) }),
      ...(left && { leftUntilMs: Number(left) }),
    }
    const numbers = [position.offset, position.emitted, position.log?.storedAtMs ?? 0]
    if (!numbers.every((n) => Number.isSafeInteger(n) && n >= 0))
      throw new PositionUnreadable(`the position "${offset}", "${emitted}", "${at}" is none`)
    return position
  }

  async readTasks(
    partition: number,
    ids: string[],
    onUnreadable?: (unreadable: UnreadableTask) => void,
  ): Promise<(TaskState | undefined)[]> {
    const found = await this.#redis.mget(ids.flatMap((id) => taskKeys(partition, id)))
    return ids.map((id, i) => {
      const task = decodeTask(id, found[2 * i], found[2 * i + 1], this.#codec)
      if (!isUnreadable(task)) return task
      // Without its key it is neither gone nor broken: who does not ask about it must not take it for that.
      if (task.keyMissing && !onUnreadable) throw task.keyMissing
      onUnreadable?.(task)
      return undefined
    })
  }

  async commit(partition: number, commit: Commit): Promise<boolean> {
    const { writes, log } = commit
    const keys = [
      PARTITION_KEYS.position(partition),
      PARTITION_KEYS.timers(partition),
      PARTITION_KEYS.index(partition),
      PARTITION_KEYS.depth(partition),
      PARTITION_KEYS.tenants(partition),
      PARTITION_KEYS.before(partition),
      PARTITION_KEYS.approvals(partition),
      PARTITION_KEYS.cameras(partition),
      PARTITION_KEYS.steps(partition),
      ...writes.flatMap((write) => keysOf(partition, write)),
    ]
    const position = [commit.expectedOffset ?? '', commit.offset, commit.emitted, commit.id]
    const args: (string | number)[] = [...position, commit.level ? 1 : 0, log.stream, log.storedAtMs]
    for (const counts of [commit.depth, commit.tenants, commit.steps ?? NO_CHANGES]) {
      args.push(counts.size)
      for (const [name, delta] of counts) args.push(name, delta)
    }
    args.push(...approvalArgs(writes), ...cameraArgs(writes))
    for (const write of writes) args.push(...taskArgs(write, this.#codec))
    try {
      return (await this.#redis.script(COMMIT, keys, args)) === 1
    } catch (cause) {
      if (!isFaultOfData(cause)) throw cause
      throw new CommitRefused(`Redis refused a commit: ${messageOf(cause)}`, { cause })
    }
  }

  async markEmitted(partition: number, offset: number, emitted: number): Promise<boolean> {
    return (
      (await this.#redis.script(MARK_EMITTED, [PARTITION_KEYS.position(partition)], [offset, emitted])) === 1
    )
  }

  async reset(partition: number, expected: number | 'any', log: LogMark): Promise<boolean> {
    const position = PARTITION_KEYS.position(partition)
    const before = PARTITION_KEYS.before(partition)
    const { index, timers, depth, tenants, approvals, cameras, steps } = PARTITION_KEYS
    const others = [timers, depth, tenants, approvals, cameras, steps].map((key) => key(partition))
    const keys = [position, index(partition), before, ...others]
    if ((await this.#redis.script(RESET, keys, [expected === 'any' ? '*' : expected])) !== 1) return false
    for (;;) {
      const page = await this.#redis.zrevrangeByScore(before, {
        max: '+inf',
        start: 0,
        count: CLEAR_BATCH,
      })
      const ids = page.filter(([, score]) => score >= 0).map(([id]) => id)
      const taken = ids.flatMap((id) => taskKeys(partition, id))
      const done = await this.#redis.script(CLEAR_TASKS, [position, before, ...taken], [log.stream, ...ids])
      if (done !== 1) return false
      if (ids.length === 0) return true
    }
  }

  async settleReset(partition: number): Promise<Lost> {
    const keys = [PARTITION_KEYS.before(partition), PARTITION_KEYS.index(partition)]
    const [count, ...examples] = (await this.#redis.script(SETTLE_RESET, keys, [MAX_LOST_EXAMPLES])) as [
      number,
      ...string[],
    ]
    return { count, examples }
  }

  trimIndex(partition: number): Promise<number> {
    return this.#trimmer.trim(partition)
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

  async markRestored(partition: number, atMs: number): Promise<void> {
    await this.#redis.hset(PARTITION_KEYS.position(partition), 'restored', String(Math.round(atMs)))
  }

  async activeTasks(
    partition: number,
    cursor: string,
  ): Promise<{ tasks: { id: string; createdAtMs: number | undefined }[]; next: string | undefined }> {
    const keys = [PARTITION_KEYS.timers(partition), PARTITION_KEYS.index(partition)]
    const [next, ids, created] = (await this.#redis.script(LIST_ACTIVE, keys, [cursor, ACTIVE_BATCH])) as [
      string,
      string[],
      string[],
    ]
    const tasks = ids.map((id, i) => ({
      id,
      createdAtMs: created[i] === '' ? undefined : Number(created[i]),
    }))
    return { tasks, next: next === '0' ? undefined : next }
  }

  async cameraTasks(partition: number): Promise<string[]> {
    return Object.keys(await this.#redis.hgetall(PARTITION_KEYS.cameras(partition)))
  }

  async oldestTasks(
    partition: number,
    page: { fromMs: number; untilMs: number; start?: number | undefined; count: number },
  ): Promise<IndexedTask[]> {
    const { fromMs, untilMs, start = 0, count } = page
    const until = Number.isFinite(untilMs) ? untilMs : '+inf'
    const keys = [PARTITION_KEYS.index(partition)]
    const flat = (await this.#redis.script(LIST_OLDEST, keys, [fromMs, until, count, start])) as string[]
    return Array.from({ length: flat.length / 2 }, (_, i) => ({
      ...{ id: flat[2 * i]!, createdAtMs: Number(flat[2 * i + 1]) },
    }))
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

  async readItems(
    partition: number,
    { taskId, stepId, from, count }: { taskId: string; stepId: string; from: number; count: number },
  ): Promise<(KeptItem['outcome'] | undefined)[]> {
    if (count === 0) return []
    const fields = Array.from({ length: count }, (_, i) => String(from + i))
    const found = await this.#redis.hmget(PARTITION_KEYS.items(partition, taskId, stepId), ...fields)
    return found.map((text, i) => {
      if (text == null) return undefined
      const json = openText(this.#codec, itemPlace(taskId, stepId, from + i), text)
      return JSON.parse(json) as KeptItem['outcome']
    })
  }

  async openApprovals(
    partition: number,
    { tenant, after, count }: { tenant: string; after?: OpenApproval | undefined; count: number },
  ): Promise<OpenApproval[]> {
    const min = after ? `(${nameOf(after)}` : `[${tenant}:`
    const names = await this.#redis.zrangeByLex(PARTITION_KEYS.approvals(partition), {
      min,
      // Behind ':' comes ';': all names of this tenant and no others.
      max: `(${tenant};`,
      count,
    })
    return names.map(approvalOf)
  }

  async depth(partition: number): Promise<Map<string, number>> {
    const counts = await this.#redis.hgetall(PARTITION_KEYS.depth(partition))
    return new Map(Object.entries(counts).map(([name, count]) => [name, Number(count)]))
  }

  async load(partition: number): Promise<PartitionLoad> {
    const { position, depth, tenants, cameras, steps: stepCounts } = PARTITION_KEYS
    const keys = [position, depth, tenants, cameras, stepCounts].map((key) => key(partition))
    const [offset, types, byTenants, held, counted] = (await this.#redis.script(READ_LOAD, keys, [])) as [
      string,
      string[],
      string[],
      string[],
      string[],
    ]
    const [byType, byTenant, steps] = [countsOf(types), countsOf(byTenants), countsOf(counted)]
    return { offset: Number(offset), byType, byTenant, cameras: camerasByTenant(held), steps }
  }
}

/** Names and counts in turn. */
function countsOf(flat: string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i < flat.length; i += 2) counts.set(flat[i]!, Number(flat[i + 1]))
  return counts
}

/** What Redis says of the data themselves: not of its state, not of our access. */
function isFaultOfData(error: unknown): boolean {
  return isReply(error) && !isNotNow(error) && !isRefused(error)
}
