import type { TaskState } from '#schemas/task.ts'
import { partitionOf } from '#subjects/subjects.ts'
import type { PartitionPosition } from '../partition/partition-store.ts'
import type { LeftTasks } from '../storage/left-tasks.ts'

export interface EndedTasksDeps {
  /** Undefined: nothing is archived. Asked each time. */
  archive: () =>
    | {
        findEnded(taskId: string, sinceMs: number): Promise<TaskState | undefined>
        findTask(taskId: string): Promise<TaskState | undefined>
      }
    | undefined
  /** Which have left the store to make room. */
  left: Pick<LeftTasks, 'untilMs'>
  partitions: number
  /** How long a finished task may be read, for those that don't say it. Milliseconds. */
  keepFinishedMs: number
  /** The broker's time. Unix ms. */
  nowMs: () => number
}

/**
 * Tasks that ended, may still be read, and are not in the store: because their partition was made again from checkpoints since then, or
 * because they have left to make room. The archive has them. It is asked for as long as there may be any.
 */
export class EndedTasks {
  readonly #deps: EndedTasksDeps

  constructor(deps: EndedTasksDeps) {
    this.#deps = deps
  }

  /**
   * @param position of the partition of a task that is not in the store
   * @throws MurmurError UNAVAILABLE; PAYLOAD_KEY_MISSING, PAYLOAD_UNREADABLE for one that is encrypted
   */
  async find(
    taskId: string,
    position: Pick<PartitionPosition, 'restoredAtMs' | 'leftUntilMs'> | undefined,
  ): Promise<TaskState | undefined> {
    const { archive, left, partitions, keepFinishedMs, nowMs } = this.#deps
    const reader = archive()
    if (!reader) return undefined
    const now = nowMs()
    const mayHaveLeft = position?.leftUntilMs !== undefined && position.leftUntilMs > now
    if (mayHaveLeft && ((await left.untilMs(partitionOf(taskId, partitions), taskId)) ?? 0) > now)
      return reader.findTask(taskId)
    const restoredAtMs = position?.restoredAtMs
    if (restoredAtMs === undefined || restoredAtMs < now - keepFinishedMs) return undefined
    const task = await reader.findEnded(taskId, now - keepFinishedMs)
    const keptMs = task?.keepFinishedMs ?? keepFinishedMs
    return task?.finishedAtMs !== undefined && task.finishedAtMs + keptMs > now ? task : undefined
  }
}
