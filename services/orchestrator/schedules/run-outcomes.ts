import type { Bus } from '#platform/nats/bus.ts'
import type { ScheduleRun } from '#schemas/schedule.ts'
import { isTerminal } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { assertLevel, refuseUnreadable } from '../partition/assert-level.ts'
import type { PartitionStore } from '../partition/partition-store.ts'

export interface RunOutcomesDeps {
  bus: { streams: Pick<Bus['streams'], 'lastLogSeq'> }
  store: Pick<PartitionStore, 'position' | 'readTasks'>
  partitions: number
}

/**
 * Those of the tasks that have ended, also long ago.
 * @throws MurmurError UNAVAILABLE while nobody can say, as after a flushed Redis
 */
export async function endedRuns(
  running: readonly ScheduleRun[],
  deps: RunOutcomesDeps,
): Promise<ReadonlySet<string>> {
  const ended = await Promise.all(running.map(({ taskId }) => hasEnded(taskId, deps)))
  return new Set(running.filter((_, i) => ended[i]).map(({ taskId }) => taskId))
}

/**
 * Whether a task that is in the log has ended, also long ago.
 * @throws MurmurError UNAVAILABLE while nobody can say
 */
export async function hasEnded(
  taskId: string,
  { bus, store, partitions }: RunOutcomesDeps,
): Promise<boolean> {
  const partition = partitionOf(taskId, partitions)
  const read = async () => {
    const [{ offset }, [task]] = await Promise.all([
      assertLevel(store, partition),
      store.readTasks(partition, [taskId], refuseUnreadable),
    ])
    return { offset, task }
  }
  const first = await read()
  if (first.task) return isTerminal(first.task.status)
  // It was accepted before this: when all of the log until here is folded and it is not there, it has ended and was forgotten.
  const lastSeq = await bus.streams.lastLogSeq(STREAMS.log.name, partition)
  const { offset, task } = await read()
  return task ? isTerminal(task.status) : offset >= lastSeq
}
