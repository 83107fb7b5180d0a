import { randomInt } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { TaskAccepted } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { objectKeysIn } from '#workflow/decide/object-references.ts'
import { type ObjectLedger, type Target, targetOf } from './ledger/object-ledger.ts'

export interface ObjectKeepingDeps {
  ledger: Pick<ObjectLedger, 'keep' | 'letGo' | 'record' | 'isGoing'>
  blobs: Pick<BlobStore, 'find'>
  uploadTtlMs: number
  /** The broker's time, Unix ms. */
  nowMs: () => number
}

type Asked = Pick<TaskAccepted, 'taskId' | 'tenant' | 'input' | 'plan' | 'results' | 'parent'>

/** What a task has begun to keep that is not accepted yet. */
export interface BegunKeeping {
  /** It will not be accepted. Does not reject: what is still kept then is let go after a while. */
  letGo(): Promise<void>
}

/** Parts of a millisecond that tell those apart who ask in the same one: what a double has room for beside the time. */
const PARTS_OF_MS = 4096
/** A target for which no time is set is looked at after this. */
const LOOK_AFTER_MS = 60_000

/**
 * Keeps what tasks refer to for as long as they are there: uploads, and objects that other tasks have made. It is one step with looking
 * whether they are there, so an upload that expires just now is either kept by the task or refused to it.
 */
export class ObjectKeeping {
  readonly #deps: ObjectKeepingDeps

  constructor(deps: ObjectKeepingDeps) {
    this.#deps = deps
  }

  /**
   * Before a task is accepted. Nothing is asked for one that refers to nothing, as nearly all do: undefined.
   * @throws MurmurError BLOB_NOT_FOUND; UNAVAILABLE
   */
  async keepFor(task: Asked): Promise<BegunKeeping | undefined> {
    const { taskId, tenant, input, plan, results, parent } = task
    const keys = foreignKeys(taskId, input, plan.steps, results)
    if (parent) await this.#keep(parent.taskId, [], [`t:${taskId}`])
    if (keys.length === 0) return undefined
    const first = await this.#keep(taskId, keys)
    if ('letGo' in first) return first
    // Put there by other tools, or not counted yet.
    await Promise.all(first.missing.map((key) => this.#adopt(key, tenant)))
    const second = await this.#keep(taskId, keys)
    if ('letGo' in second) return second
    throw notThere(second.missing[0] ?? '')
  }

  /** The same for what somebody has sent to a task that is there. @throws MurmurError BLOB_NOT_FOUND; UNAVAILABLE */
  async keepSent(task: Pick<TaskState, 'id' | 'tenant'>, value: unknown): Promise<void> {
    await this.keepFor({
      ...{ taskId: task.id, tenant: task.tenant },
      ...{ input: value as TaskAccepted['input'], plan: { steps: [] } },
    })
  }

  /** For a task that is there, after it was forgotten what it keeps: of that, what is still there. @throws MurmurError UNAVAILABLE */
  async keepAgain(task: TaskState): Promise<void> {
    if (task.parent) await this.#keep(task.parent.taskId, [], [`t:${task.id}`])
    const keys = foreignKeys(task.id, task.input, task.plan.steps, task.steps, task.signals)
    if (keys.length === 0) return
    const kept = await this.#keep(task.id, keys)
    if ('letGo' in kept) return
    const there = keys.filter((key) => !kept.missing.includes(key))
    if (there.length > 0) await this.#keep(task.id, there)
  }

  async #keep(
    taskId: string,
    keys: readonly string[],
    targets: readonly Target[] = [],
  ): Promise<BegunKeeping | { missing: string[] }> {
    const { ledger } = this.#deps
    const nowMs = Math.ceil(this.#deps.nowMs()) + randomInt(PARTS_OF_MS) / PARTS_OF_MS
    const answer = await ledger.keep(taskId, keys, { nowMs, dueMs: nowMs + LOOK_AFTER_MS, targets })
    if ('missing' in answer) return answer
    const { begun } = answer
    return {
      async letGo() {
        if (begun.length > 0) await ledger.letGo(taskId, begun, nowMs).catch(() => {})
      },
    }
  }

  async #adopt(key: string, tenant: string): Promise<void> {
    const { ledger, blobs, uploadTtlMs, nowMs } = this.#deps
    const { size } = await blobs.find(key)
    if (await ledger.isGoing(key)) throw notThere(key)
    await ledger.record({ key, tenant, size }, nowMs() + uploadTtlMs)
  }
}

/** Keys of all objects but those that the task itself makes. */
function foreignKeys(taskId: string, ...values: readonly unknown[]): string[] {
  return [...objectKeysIn(...values)].filter((key) => targetOf(key) !== `t:${taskId}`)
}

function notThere(key: string): MurmurError {
  return new MurmurError('BLOB_NOT_FOUND', `there is no object "${key}"`)
}

/** For what was asked in case that it is there. @throws what else has gone wrong */
export function ifNotFound(error: unknown): undefined {
  if (error instanceof MurmurError && error.code === 'BLOB_NOT_FOUND') return undefined
  throw error
}
