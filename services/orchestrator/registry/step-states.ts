import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { TaskState } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { bodyOfRun } from '#workflow/decide/run-body.ts'
import type { PartitionStore } from '../partition/partition-store.ts'

/** What of the store is needed. `level`: whether the partition has been made from all of its log; until then a task may be missing. */
export interface StepStore extends Pick<PartitionStore, 'readTasks'> {
  position(partition: number): Promise<{ offset: number; level?: boolean } | undefined>
}

/** How far the log of a partition goes. */
export interface LogEnds {
  lastLogSeq(stream: string, partition: number): Promise<number>
}

const POLL_INTERVAL_MS = 50
/** How long the store has to catch up with the log. */
const LEVEL_TIMEOUT_MS = 1000

/** Reads the tasks that steps of one agent type belong to: one read a partition, all of them at the same time. */
export class StepStates {
  readonly #store: StepStore
  readonly #log: LogEnds
  readonly #clock: Pick<Clock, 'sleep'>
  readonly #partitions: number

  constructor(
    { store, log, clock }: { store: StepStore; log: LogEnds; clock: Pick<Clock, 'sleep'> },
    partitions: number,
  ) {
    this.#store = store
    this.#log = log
    this.#clock = clock
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
      const body = state && bodyOfRun(state.plan, stepId)
      if (body && body.agent !== agent)
        throw new MurmurError(
          'PERMISSION_DENIED',
          `step "${stepId}" of ${taskId} is none of agent "${agent}"`,
        )
      return state
    })
  }

  async #read(partition: number, ids: string[]): Promise<(TaskState | undefined)[]> {
    try {
      const first = await this.#readWithOffset(partition, ids)
      if (!first.isSure) throw unavailableNow(partition)
      if (first.states.every((state) => state !== undefined)) return first.states
      // To say that there is no such task lets a step be thrown away: only for sure. A store that was restored is level by its
      // own account, and knows nothing of what came after its copy.
      const last = await this.#log.lastLogSeq(STREAMS.log.name, partition)
      for (let waitedMs = 0; waitedMs <= LEVEL_TIMEOUT_MS; waitedMs += POLL_INTERVAL_MS) {
        const { states, offset, isSure } = await this.#readWithOffset(partition, ids)
        if (isSure && offset >= last) return states
        await this.#clock.sleep(POLL_INTERVAL_MS)
      }
    } catch (cause) {
      if (cause instanceof MurmurError) throw cause
      const why = `the states of tasks can't be read: ${messageOf(cause)}`
      throw new MurmurError('UNAVAILABLE', why, { cause })
    }
    throw unavailableNow(partition)
  }

  async #readWithOffset(partition: number, ids: string[]) {
    // The states first: what is emptied in between has no position, and what is missing then says nothing.
    const [states, position] = await Promise.all([
      this.#store.readTasks(partition, ids),
      this.#store.position(partition),
    ])
    const isMissing = states.some((state) => state === undefined)
    const isSure =
      position !== undefined && position.level !== false && (!isMissing || position.level === true)
    return { states, offset: position?.offset ?? -1, isSure }
  }
}

function unavailableNow(partition: number): MurmurError {
  return new MurmurError('UNAVAILABLE', `partition ${partition} is being made again from its log`)
}
