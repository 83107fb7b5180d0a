import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { TaskState } from '#schemas/task.ts'
import { partitionOf } from '#subjects/subjects.ts'
import type { PartitionStore } from '../partition/partition-store.ts'

/** What of the store is needed. `level`: whether the partition has been made from all of its log; until then a task may be missing. */
export interface StepStore extends Pick<PartitionStore, 'readTasks'> {
  position(partition: number): Promise<{ offset: number; level?: boolean } | undefined>
}

/** Reads the tasks that steps of one agent type belong to: one look a partition, all of them at the same time. */
export class StepStates {
  readonly #store: StepStore
  readonly #partitions: number

  constructor(store: StepStore, partitions: number) {
    this.#store = store
    this.#partitions = partitions
  }

  /**
   * In the order of `steps`; undefined: there is no such task.
   * @throws MurmurError UNAVAILABLE when the store does not answer or does not know everything yet, PERMISSION_DENIED for a
   * step of another type
   */
  async of(
    agent: string,
    steps: readonly { taskId: string; stepId: string }[],
  ): Promise<(TaskState | undefined)[]> {
    const byPartition = Map.groupBy(new Set(steps.map(({ taskId }) => taskId)), (taskId) =>
      partitionOf(taskId, this.#partitions),
    )
    const states = new Map<string, TaskState | undefined>()
    await Promise.all(
      [...byPartition].map(async ([partition, ids]) => {
        const found = await this.#read(partition, ids)
        for (const [i, id] of ids.entries()) states.set(id, found[i])
      }),
    )
    return steps.map(({ taskId, stepId }) => {
      const state = states.get(taskId)
      const step = state?.plan.steps.find(({ id }) => id === stepId)
      if (step && step.agent !== agent)
        throw new MurmurError(
          'PERMISSION_DENIED',
          `step "${stepId}" of ${taskId} is none of agent "${agent}"`,
        )
      return state
    })
  }

  async #read(partition: number, ids: string[]): Promise<(TaskState | undefined)[]> {
    // The states first: what is emptied in between has no position, and what is missing then says nothing.
    const [states, position] = await Promise.all([
      this.#store.readTasks(partition, ids),
      this.#store.position(partition),
    ]).catch((cause: unknown) => {
      throw new MurmurError('UNAVAILABLE', `the states of tasks can't be read: ${messageOf(cause)}`, {
        cause,
      })
    })
    const isMissing = states.some((state) => state === undefined)
    // To say that there is no such task lets a step be thrown away: only for sure.
    if (position === undefined || position.level === false || (isMissing && position.level !== true))
      throw new MurmurError('UNAVAILABLE', `partition ${partition} is being made again from its log`)
    return states
  }
}
