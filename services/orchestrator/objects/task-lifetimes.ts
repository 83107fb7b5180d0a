import { isTerminal, type TaskState } from '#schemas/task.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { refuseUnreadable } from '../partition/assert-level.ts'
import type { PartitionStore } from '../partition/partition-store.ts'

export interface TaskLifetimesDeps {
  store: Pick<PartitionStore, 'readTasks' | 'position'>
  partitions: number
  /** For tasks that say nothing of it themselves. Milliseconds. */
  keepFinishedMs: number
  /** The broker's time, Unix ms. */
  nowMs: () => number
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
    const { store } = this.#deps
    const unreadable = new Set<string>()
    // Before: what is not there then was not there when all of it was.
    const isLevel = (await store.position(partition).catch(() => undefined))?.level === true
    const states = await store.readTasks(partition, ids, ({ id }) => unreadable.add(id))
    return ids.map((id, i) => {
      const state = states[i]
      if (state) return [id, this.#untilMs(state)]
      return [id, isLevel && !unreadable.has(id) ? 'gone' : 'unknown']
    })
  }

  #untilMs({ status, finishedAtMs, keepFinishedMs = this.#deps.keepFinishedMs }: TaskState): number {
    const nowMs = this.#deps.nowMs()
    return isTerminal(status) ? (finishedAtMs ?? nowMs) + keepFinishedMs : nowMs + keepFinishedMs
  }
}
