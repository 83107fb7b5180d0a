import { bucketOf, type PartitionRange } from '#subjects/task-partition.ts'

/** Which partitions of the log there are, as one orchestrator knows. */
export interface LivePartitions {
  /** All that are to have an owner, ascending. */
  all(): readonly number[]
  /** Those that may have tasks, ascending. @throws MurmurError UNAVAILABLE while that is not sure */
  withTasks(): readonly number[]
  /** What ids of new tasks name; undefined: nothing. @throws MurmurError UNAVAILABLE while that is not sure */
  newest(): PartitionRange | undefined
  /** To be called right before a new task is written. @throws MurmurError UNAVAILABLE while it is not sure where that belongs */
  assertSure(): void
  /** The ids that the submission of a task may have in the other epochs. @throws MurmurError UNAVAILABLE while that is not sure */
  elsewhere(taskId: string): readonly string[]
  /** Whose owner does what is asked under a name that is no task. */
  ofName(name: string): number
  /** Whose owner does what one orchestrator does for all. */
  leading(): number
}

/** Those of a log that never gets more. */
export function fixedPartitions(count: number): LivePartitions {
  const all = Array.from({ length: count }, (_, partition) => partition)
  return {
    all: () => all,
    withTasks: () => all,
    newest: () => undefined,
    assertSure: () => {},
    elsewhere: () => [],
    ofName: (name) => bucketOf(name, count),
    leading: () => 0,
  }
}
