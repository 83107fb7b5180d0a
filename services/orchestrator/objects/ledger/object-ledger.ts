import { type Redis, readScript } from '#platform/redis/redis.ts'
import { ServerMark } from '#platform/redis/server-mark.ts'

const script = (name: string, file: string) => readScript(name, new URL(file, import.meta.url))
const RESERVE = script('murmurReserveObject', './reserve.lua')
const RECORD = script('murmurRecordObject', './record.lua')
const RELEASE = script('murmurReleaseObject', './release.lua')
const PIN = script('murmurPinObjects', './pin.lua')
const UNPIN = script('murmurUnpinObjects', './unpin.lua')
const CLAIM = script('murmurClaimObjects', './claim.lua')
const SET_PHASE = script('murmurSetLedgerPhase', './set-phase.lua')
const RESCHEDULE = script('murmurRescheduleObject', './reschedule.lua')

/** One hash tag, so that a cluster of Redis keeps all of it together. */
const root = 'murmur:{objects}:'
const KEYS = {
  phase: `${root}phase`,
  used: `${root}used`,
  objects: `${root}objects`,
  due: `${root}due`,
  open: `${root}open`,
  stale: `${root}stale`,
  going: `${root}going`,
  server: `${root}server`,
  keepers: (target: Target) => `${root}keepers:${target}`,
  ofTask: (taskId: string) => `${root}of:${taskId}`,
} as const

/** What is kept or collected as one: an upload (`o:` and its key), or all objects of a task (`t:` and its id). */
export type Target = `o:${string}` | `t:${string}`

/**
 * How far the ledger is: `counting` what there is in the store, `counted` when bytes are right, `complete` when it is known which tasks
 * refer to what. With when the store was made: one that was made anew is counted anew. Undefined: nothing is known.
 */
export interface LedgerPhase {
  name: 'counting' | 'counted' | 'complete'
  bucket: string
}

/** An object that is stored. */
export interface LedgerObject {
  key: string
  tenant: string
  /** Bytes. */
  size: number
}

/** An object that is being written. */
export interface OpenUpload {
  upload: string
  tenant: string
  key: string
}

export type Reservation = { outcome: 'reserved' | 'full' | 'uncounted'; usedBytes: number }

type LedgerRedis = Pick<Redis, 'script' | 'get' | 'hgetall' | 'hmget' | 'hdel' | 'zrangeByScore' | 'zrem'>

/**
 * Who has how many bytes in the object store, and until when each object is kept, in Redis. Each change is one script, so the sums are
 * those of the records; a Redis that has lost all of it is filled again from the store and from the tasks (`ObjectCount`).
 */
export class ObjectLedger {
  /** Which Redis has been looked over. */
  readonly server: ServerMark
  readonly #redis: LedgerRedis

  constructor(redis: LedgerRedis) {
    this.#redis = redis
    this.server = new ServerMark(redis, KEYS.server)
  }

  /**
   * Sets bytes aside for an object that is to come; again with more for the same upload.
   * @param about.bytes in all @param about.limitBytes what the tenant may have, 0: any @param about.isNew not before all is counted
   */
  async reserve(about: {
    upload: string
    tenant: string
    key: string
    bytes: number
    limitBytes: number
    staleAtMs: number
    isNew: boolean
  }): Promise<Reservation> {
    const { upload, tenant, key, bytes, limitBytes, staleAtMs, isNew } = about
    const args = [upload, tenant, key, bytes, limitBytes, staleAtMs, isNew ? '1' : '0']
    const keys = [KEYS.phase, KEYS.used, KEYS.open, KEYS.stale]
    const [code, usedBytes] = (await this.#redis.script(RESERVE, keys, args)) as [number, number]
    return { outcome: code === 1 ? 'reserved' : code === 0 ? 'full' : 'uncounted', usedBytes }
  }

  /**
   * Notes an object that is stored; again does no harm.
   * @param options.upload what was set aside for it is given back @param options.isReserved only if something was, or it is noted already
   * @returns when it is looked at, Unix ms; undefined: refused
   */
  async record(
    { key, tenant, size }: LedgerObject,
    dueMs: number,
    options: { upload?: string; isReserved?: boolean } = {},
  ): Promise<number | undefined> {
    const target = targetOf(key)
    const keys = [KEYS.used, KEYS.objects, KEYS.due, KEYS.open, KEYS.stale, ...ofTarget(target)]
    const { upload = '', isReserved = false } = options
    const args = [key, tenant, size, target, Math.ceil(dueMs), upload, isReserved ? '1' : '0']
    const due = Number(await this.#redis.script(RECORD, keys, args))
    return due < 0 ? undefined : due
  }

  /** @param staleAtMs only if nobody is at it at this time @returns whether something was given back */
  async release(upload: string, staleAtMs?: number): Promise<boolean> {
    const keys = [KEYS.used, KEYS.open, KEYS.stale]
    return (await this.#redis.script(RELEASE, keys, [upload, staleAtMs ?? ''])) === 1
  }

  /**
   * A task keeps objects, and all of other tasks that it names: everything, or nothing.
   * @param about.nowMs is what `letGo` knows it by: no two should be the same
   * @returns keys of what is not there, or what the task did not keep before
   */
  async keep(
    taskId: string,
    keys: readonly string[],
    about: { nowMs: number; dueMs: number; targets?: readonly Target[] },
  ): Promise<{ missing: string[] } | { begun: Target[] }> {
    const targets = [...new Set([...keys.map(targetOf), ...(about.targets ?? [])])]
    const names = [KEYS.objects, KEYS.due, ...targets.map(KEYS.keepers)]
    const args = [taskId, about.nowMs, Math.ceil(about.dueMs), ...targets, ...keys]
    const [code, ...found] = (await this.#redis.script(PIN, names, args)) as [number, ...string[]]
    return code === 1 ? { begun: found as Target[] } : { missing: found }
  }

  /** The task that began to keep these at this time did not come in. */
  async letGo(taskId: string, targets: readonly Target[], nowMs: number): Promise<void> {
    await this.#redis.script(UNPIN, targets.map(KEYS.keepers), [taskId, nowMs])
  }

  /**
   * Takes objects out of the count, to be taken away by the caller, who says so with `settle`.
   * @param one only this one, whenever the target is due
   * @returns their keys; undefined: a task keeps them, they are not due, or it is not known yet what is kept
   */
  async claim(
    target: Target,
    about: { nowMs: number; count: number; one?: string },
  ): Promise<string[] | undefined> {
    const shared = [KEYS.phase, KEYS.used, KEYS.objects, KEYS.due, KEYS.going]
    const keys = [...shared, KEYS.keepers(target), ...ofTarget(target)]
    const args = [target, Math.floor(about.nowMs), about.count, about.one ?? '']
    const [code, ...claimed] = (await this.#redis.script(CLAIM, keys, args)) as [number, ...string[]]
    return code === 1 ? claimed : undefined
  }

  /** These are gone from the store. */
  settle(keys: string[]): Promise<void> {
    return this.#redis.hdel(KEYS.going, keys)
  }

  /** Objects that were claimed and are not known to be gone, with when. */
  async going(): Promise<Map<string, number>> {
    return numbersOf(await this.#redis.hgetall(KEYS.going))
  }

  async isGoing(key: string): Promise<boolean> {
    const [at] = await this.#redis.hmget(KEYS.going, key)
    return at != null
  }

  /** Undefined: it is not noted. */
  async find(key: string): Promise<LedgerObject | undefined> {
    const [found] = await this.#redis.hmget(KEYS.objects, key)
    if (found == null) return undefined
    const [size = '', tenant = ''] = found.split(' ')
    return { key, tenant, size: Number(size) }
  }

  /** Targets that are due, the earliest first. */
  async due(untilMs: number, count: number): Promise<Target[]> {
    return (await this.#redis.zrangeByScore(KEYS.due, untilMs, count)).map(([target]) => target as Target)
  }

  async reschedule(target: Target, dueMs: number): Promise<void> {
    await this.#redis.script(RESCHEDULE, [KEYS.due], [target, Math.ceil(dueMs)])
  }

  /** Tasks that keep a target, those that began first, with when. Unix ms. */
  keepers(target: Target, count: number): Promise<[taskId: string, sinceMs: number][]> {
    return this.#redis.zrangeByScore(KEYS.keepers(target), '+inf', count)
  }

  dropKeepers(target: Target, taskIds: string[]): Promise<void> {
    return this.#redis.zrem(KEYS.keepers(target), taskIds)
  }

  /** Objects whose writers have not been heard of. */
  async stale(untilMs: number, count: number): Promise<OpenUpload[]> {
    const uploads = (await this.#redis.zrangeByScore(KEYS.stale, untilMs, count)).map(([upload]) => upload)
    if (uploads.length === 0) return []
    const found = await this.#redis.hmget(KEYS.open, ...uploads)
    return uploads.map((upload, i) => {
      const [, tenant = '', key = ''] = (found[i] ?? '').split(' ')
      return { upload, tenant, key }
    })
  }

  /** Bytes by tenant: what is stored and what is set aside. */
  async used(): Promise<Map<string, number>> {
    return numbersOf(await this.#redis.hgetall(KEYS.used))
  }

  async usedBy(tenant: string): Promise<number> {
    const [bytes] = await this.#redis.hmget(KEYS.used, tenant)
    return Number(bytes ?? 0)
  }

  async phase(): Promise<LedgerPhase | undefined> {
    const text = await this.#redis.get(KEYS.phase)
    if (!text) return undefined
    const at = text.indexOf(' ')
    return { name: text.slice(0, at) as LedgerPhase['name'], bucket: text.slice(at + 1) }
  }

  /** @param options.forget everything that is counted, which is of another store @returns false: it is in another phase by now */
  async setPhase(
    from: LedgerPhase | undefined,
    to: LedgerPhase,
    options: { forget?: boolean } = {},
  ): Promise<boolean> {
    const forgotten = options.forget ? [KEYS.used, KEYS.objects, KEYS.open, KEYS.stale, KEYS.going] : []
    const args = [textOf(from), textOf(to)]
    return (await this.#redis.script(SET_PHASE, [KEYS.phase, ...forgotten], args)) === 1
  }
}

/** What an object is kept and collected with: uploads one by one, all others with their task. Pure. */
export function targetOf(key: string): Target {
  const [folder, owner = ''] = key.split('/')
  return folder === 'tasks' || folder === 'monitors' ? `t:${owner}` : `o:${key}`
}

function ofTarget(target: Target): string[] {
  return target.startsWith('t:') ? [KEYS.ofTask(target.slice(2))] : []
}

function textOf(phase: LedgerPhase | undefined): string {
  return phase ? `${phase.name} ${phase.bucket}` : ''
}

function numbersOf(found: Record<string, string>): Map<string, number> {
  return new Map(Object.entries(found).map(([name, value]) => [name, Number(value)]))
}
