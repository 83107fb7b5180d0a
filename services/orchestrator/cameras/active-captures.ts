import type { TaskState } from '#schemas/task.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { type CaptureStep, captureStepsOf } from './judge-camera.ts'

type Store = Pick<PartitionStore, 'cameraTasks' | 'readTasks'>

/** Tasks that are read from the store at a time. */
const BATCH = 200

/** The cameras that active tasks of a partition capture or are to capture. @throws while the store does not answer */
export async function activeCaptures(store: Store, partition: number): Promise<CaptureStep[]> {
  const ids = await store.cameraTasks(partition)
  const captures: CaptureStep[] = []
  for (let i = 0; i < ids.length; i += BATCH) {
    // What can't be read is told by the owner of its partition.
    const tasks: (TaskState | undefined)[] = await store.readTasks(
      partition,
      ids.slice(i, i + BATCH),
      () => {},
    )
    for (const task of tasks) if (task) captures.push(...captureStepsOf(task))
  }
  return captures
}
