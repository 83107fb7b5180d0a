import { isTerminal, type TaskState } from '#schemas/task.ts'
import { partitionOf } from '#subjects/subjects.ts'
import type { EndedTasks } from '../history/ended-tasks.ts'
import { refuseUnreadable } from '../partition/assert-level.ts'
import type { PartitionStore } from '../partition/partition-store.ts'

export interface TaskLifetimesDeps {
  store: Pick<PartitionStore, 'readTasks' | 'position'>
  partitions: number
  /** For tasks that say nothing of it themselves. Milliseconds. */
  keepFinishedMs: number
  /** The broker's time, Unix ms. */
  nowMs: () => number
  /** Those that have ended and are not in the store any more. */
  ended?: Pick<EndedTasks, 'find'> | undefined
}

/** Until when a task is there at least (Unix ms), `gone` when it is not, `unknown` while nobody can say. */
export type Lifetime = number | 'gone' | 'unknown'

/** Until when tasks, and so what they need, are there. */
export class TaskLifetimes {
  readonly #deps: TaskLifetimesDeps

  constructor(deps: TaskLifetimesDeps) {
    this.#deps = deps
  }

  /** @throws MurmurError UNAVAILABLE */
  async of(taskIds: readonly string[]): Promise<Map<string, Lifetime>> {
    const { partitions } = this.#deps
    const byPartition = Map.groupBy(taskIds, (id) => partitionOf(id, partitions))
    const found = await Promise.all(
      [...byPartition].map(([partition, ids]) => this.#inPartition(partition, ids)),
    )
    return new Map(found.flat())
  }

  /** Which of these have ended; of the others, those that are there. @throws MurmurError UNAVAILABLE */
  async ended(taskIds: readonly string[]): Promise<{ ended: Set<string>; active: Set<string> }> {
    const { store, partitions } = this.#deps
    const byPartition = Map.groupBy(taskIds, (id) => partitionOf(id, partitions))
    const read = [...byPartition].map(([partition, ids]) => store.readTasks(partition, ids, refuseUnreadable))
    const found = (await Promise.all(read)).flat().filter((task) => task !== undefined)
    const idsOf = (tasks: TaskState[]) => new Set(tasks.map(({ id }) => id))
    return {
      ended: idsOf(found.filter(({ status }) => isTerminal(status))),
      active: idsOf(found.filter(({ status }) => !isTerminal(status))),
    }
  }

  async #inPartition(partition: number, ids: string[]): Promise<[string, Lifetime][]> {
    const { store, ended } = this.#deps
    const unreadable = new Set<string>()
    // Before: what is not there then was not there when all of it was.
    const position = await store.position(partition).catch(() => undefined)
    const states = await store.readTasks(partition, ids, ({ id }) => unreadable.add(id))
    const lifetimes: [string, Lifetime][] = []
    for (const [i, id] of ids.entries()) {
      if (states[i]) lifetimes.push([id, this.#untilMs(states[i])])
      else if (position?.level !== true || unreadable.has(id)) lifetimes.push([id, 'unknown'])
      else {
        // Nothing is asked for unless the partition was made again a short time ago; then one by one, which is how segments are read.
        const archived = await ended?.find(id, position).catch((): 'unknown' => 'unknown')
        if (archived === 'unknown') lifetimes.push([id, archived])
        else lifetimes.push([id, archived ? this.#untilMs(archived) : 'gone'])
      }
    }
    return lifetimes
  }

  #untilMs({ status, finishedAtMs, keepFinishedMs = this.#deps.keepFinishedMs }: TaskState): number {
    const nowMs = this.#deps.nowMs()
    return isTerminal(status) ? (finishedAtMs ?? nowMs) + keepFinishedMs : nowMs + keepFinishedMs
  }
}
