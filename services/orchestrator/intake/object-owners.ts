import { MurmurError } from '#platform/errors/murmur-error.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { objectKeysIn, ownerOfKey, unprovenKeys } from '#workflow/decide/object-references.ts'
import type { EndedTasks } from '../history/ended-tasks.ts'
import { assertLevel, refuseUnreadable } from '../partition/assert-level.ts'
import type { PartitionStore } from '../partition/partition-store.ts'

export interface ObjectOwnersDeps {
  store: Pick<PartitionStore, 'readTasks' | 'position'>
  partitions: number
  /** Those that have ended and are not in the store any more. */
  ended?: Pick<EndedTasks, 'find'> | undefined
}

/** Tasks whose tenant is remembered, which never changes: some 100 bytes each. */
const MAX_KNOWN = 20_000
/** Objects of other tasks that one value may refer to: each may cost a question. */
const MAX_TASKS = 1000

/**
 * Whose objects are: a tenant may name its own only. Those of others are answered like those that are not there, so nobody learns which
 * there are.
 */
export class ObjectOwners {
  readonly #deps: ObjectOwnersDeps
  readonly #tenantOf = new Map<string, string>()

  constructor(deps: ObjectOwnersDeps) {
    this.#deps = deps
  }

  /**
   * Whether all that values refer to is of this tenant.
   * @throws MurmurError BLOB_NOT_FOUND; LIMIT_EXCEEDED; UNAVAILABLE while nobody can say
   */
  assertOwn(tenant: string, ...values: readonly unknown[]): Promise<void> {
    return this.assertKeys(tenant, [...objectKeysIn(...values)])
  }

  /**
   * The same for what a run of a task is about to be given: what agents, signals and answers have brought into it is not believed.
   * Undefined where there is nothing to ask for, as nearly always. @throws as `assertOwn` does
   */
  assertInput(state: TaskState, input: JsonValue): Promise<void> | undefined {
    const keys = unprovenKeys(state, input)
    return keys.length === 0 ? undefined : this.assertKeys(state.tenant, keys)
  }

  /** The same for keys. @throws as `assertOwn` does */
  async assertKeys(tenant: string, keys: readonly string[]): Promise<void> {
    /** A key each, to say which. */
    const tasks = new Map<string, string>()
    for (const key of keys) {
      const owner = ownerOfKey(key)
      if (owner === undefined) throw notThere(key)
      if ('tenant' in owner) {
        if (owner.tenant !== tenant) throw notThere(key)
      } else tasks.set(owner.taskId, key)
    }
    if (tasks.size > MAX_TASKS)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `it refers to objects of ${tasks.size} tasks, at most ${MAX_TASKS} may be named in one place`,
      )
    await Promise.all(
      [...tasks].map(async ([taskId, key]) => {
        if ((await this.tenantOf(taskId)) !== tenant) throw notThere(key)
      }),
    )
  }

  /** Whose a task is; undefined: there is none. @throws MurmurError UNAVAILABLE while nobody can say */
  async tenantOf(taskId: string): Promise<string | undefined> {
    const known = this.#tenantOf.get(taskId)
    if (known !== undefined) return known
    if (!taskIdSchema.safeParse(taskId).success) return undefined
    const { store, partitions, ended } = this.#deps
    const partition = partitionOf(taskId, partitions)
    const [[stored], position] = await Promise.all([
      store.readTasks(partition, [taskId], refuseUnreadable),
      assertLevel(store, partition),
    ])
    const task = stored ?? (await ended?.find(taskId, position))
    if (!task) return undefined
    if (this.#tenantOf.size >= MAX_KNOWN) this.#tenantOf.delete(this.#tenantOf.keys().next().value!)
    this.#tenantOf.set(taskId, task.tenant)
    return task.tenant
  }
}

function notThere(key: string): MurmurError {
  return new MurmurError('BLOB_NOT_FOUND', `there is no object "${key}"`)
}
