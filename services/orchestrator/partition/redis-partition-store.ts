import { messageOf } from '#platform/errors/murmur-error.ts'
import { type Redis, readScript } from '#platform/redis/redis.ts'
import { isNotNow, isRefused, isReply } from '#platform/redis/store-error.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { TaskState } from '#schemas/task.ts'
import type { KeptItem } from '#workflow/decide/commands.ts'
import { cameraArgs, camerasByTenant } from './camera-counts.ts'
import { IndexTrimmer } from './index-trimmer.ts'
import {
  type Commit,
  CommitRefused,
  type IndexedTask,
  type LogMark,
  type Lost,
  type OpenApproval,
  type PartitionLoad,
  type PartitionPosition,
  type PartitionStore,
  PositionUnreadable,
  type TaskWrite,
  type UnreadableTask,
} from './partition-store.ts'
import { openText, sealText } from './state-sealing.ts'
import { decodeTask, encodeTask, isUnreadable } from './stored-task.ts'

const script = (name: string, file: string) => readScript(name, new URL(file, import.meta.url))
const COMMIT = script('murmurCommit', './commit.lua')
const MARK_EMITTED = script('murmurMarkEmitted', './mark-emitted.lua')
const READ_LOAD = script('murmurReadLoad', './read-load.lua')
const RESET = script('murmurReset', './reset.lua')
const CLEAR_TASKS = script('murmurClearTasks', './clear-tasks.lua')
const SETTLE_RESET = script('murmurSettleReset', './settle-reset.lua')

/** Tasks taken away by one call. */
const CLEAR_BATCH = 500
const MAX_LOST_EXAMPLES = 20
const NO_CHANGES: ReadonlyMap<string, number> = new Map()

/** All keys of a partition share the hash tag `{pN}`, so that Redis Cluster keeps them together. */
export const PARTITION_KEYS = {
  position: (p: number) => `murmur:{p${p}}:position`,
  timers: (p: number) => `murmur:{p${p}}:timers`,
  index: (p: number) => `murmur:{p${p}}:index`,
  depth: (p: number) => `murmur:{p${p}}:depth`,
  tenants: (p: number) => `murmur:{p${p}}:tenants`,
  /** Names of open approvals, those of a tenant behind each other. */
  approvals: (p: number) => `murmur:{p${p}}:approvals`,
  /** Cameras that tasks may hold: number and tenant, by task. */
  cameras: (p: number) => `murmur:{p${p}}:cameras`,
  /** Steps of agents by what is counted of them. */
  steps: (p: number) => `murmur:{p${p}}:steps`,
  /** Outcomes of the items of a list, by their index. */
  items: (p: number, id: string, stepId: string) => `murmur:{p${p}}:items:${id}:${stepId}`,
  lease: (p: number) => `murmur:{p${p}}:lease`,
  /** The index of before a reset, until the partition is level again. */
  before: (p: number) => `murmur:{p${p}}:before`,
  state: (p: number, id: string) => `murmur:{p${p}}:state:${id}`,
  definition: (p: number, id: string) => `murmur:{p${p}}:definition:${id}`,
} as const

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
    const fields = ['offset', 'emitted', 'level', 'stream', 'at', 'clearing']
    const [offset, emitted, level, stream, at, clearing] = await this.#redis
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

function taskKeys(partition: number, id: string): [state: string, definition: string] {
  return [PARTITION_KEYS.state(partition, id), PARTITION_KEYS.definition(partition, id)]
}

/** Both keys where the script writes, takes away or lets expire both; then those of lists. */
function keysOf(partition: number, write: TaskWrite): string[] {
  const { state, isNew, keepMs } = write
  const [key, definition] = taskKeys(partition, state.id)
  const lists = listChanges(write).map(([stepId]) => PARTITION_KEYS.items(partition, state.id, stepId))
  return isNew || keepMs !== undefined ? [key, definition, ...lists] : [key, ...lists]
}

/** For each list that changed what is kept of it; undefined: all of it is forgotten. */
function listChanges({ kept, dropped }: TaskWrite): [stepId: string, kept: KeptItem[] | undefined][] {
  if (kept === undefined && dropped === undefined) return []
  const forgotten = (dropped ?? []).map((stepId): [string, undefined] => [stepId, undefined])
  return [...forgotten, ...Map.groupBy(kept ?? [], ({ stepId }) => stepId)]
}

/** Of one item of a list: nowhere else its outcome can be opened. */
function itemPlace(taskId: string, stepId: string, index: number): string {
  return `item\n${taskId}\n${stepId}\n${index}`
}

function listArgs(write: TaskWrite, codec: PayloadCodec | undefined): (string | number)[] {
  const { id, tenant } = write.state
  const changes = listChanges(write)
  const args: (string | number)[] = [changes.length]
  for (const [stepId, kept] of changes) {
    args.push(kept?.length ?? -1)
    for (const { index, outcome } of kept ?? []) {
      args.push(index, sealText(codec, tenant, itemPlace(id, stepId, index), JSON.stringify(outcome)))
    }
  }
  return args
}

/** What a name is made of has no colon. */
function nameOf({ tenant, taskId, stepId, attempt }: OpenApproval): string {
  return `${tenant}:${taskId}:${stepId}:${attempt}`
}

function approvalOf(name: string): OpenApproval {
  const [tenant = '', taskId = '', stepId = '', attempt] = name.split(':')
  return { tenant, taskId, stepId, attempt: Number(attempt) }
}

function approvalArgs(writes: readonly TaskWrite[]): (string | number)[] {
  const changes: (string | number)[] = []
  for (const { approvals } of writes) {
    for (const one of approvals?.closed ?? []) changes.push(nameOf(one), 0)
    for (const one of approvals?.opened ?? []) changes.push(nameOf(one), 1)
  }
  return [changes.length / 2, ...changes]
}

function taskArgs(write: TaskWrite, codec: PayloadCodec | undefined): (string | number)[] {
  const { state, dueMs, isNew, keepMs } = write
  const due = dueMs === 'unchanged' ? '=' : (dueMs ?? '')
  const created = isNew ? state.createdAtMs : ''
  if (keepMs !== undefined && keepMs <= 0)
    return [state.id, '', '0', due, created, '', ...listArgs(write, codec)]
  const stored = encodeTask(write, codec)
  return [
    state.id,
    stored.state,
    keepMs === undefined ? '' : Math.ceil(keepMs),
    due,
    created,
    stored.definition,
    ...listArgs(write, codec),
  ]
}

/** What Redis says of the data themselves: not of its state, not of our access. */
function isFaultOfData(error: unknown): boolean {
  return isReply(error) && !isNotNow(error) && !isRefused(error)
}
