import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { TaskState } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { assertLevel, refuseUnreadable, unavailableNow } from '../partition/assert-level.ts'
import type { PartitionStore } from '../partition/partition-store.ts'

export interface TaskFinderDeps {
  bus: Pick<Bus, 'streams'>
  store: PartitionStore
  partitions: number
  clock: Clock
  /** Where tasks are that ended and that the store has no more. */
  archive?: { findTask(taskId: string): Promise<TaskState | undefined> } | undefined
}

/** A task that was accepted just now is folded within milliseconds: wait for it rather than denying it. */
const JUST_ACCEPTED_MS = 300
const POLL_INTERVAL_MS = 20

/** Finds tasks of a tenant in the store, for those who want something of them. */
export class TaskFinder {
  readonly #deps: TaskFinderDeps

  constructor(deps: TaskFinderDeps) {
    this.#deps = deps
  }

  /** Somebody else's task is not there. @returns the task, also one that only the archive has @throws MurmurError TASK_NOT_FOUND; UNAVAILABLE while nobody can say */
  async find(tenant: string, taskId: string): Promise<TaskState> {
    const { store, partitions, clock, bus, archive } = this.#deps
    const partition = partitionOf(taskId, partitions)
    const untilMs = clock.monotonicMs() + JUST_ACCEPTED_MS
    let askedAtSeq: number | undefined
    let archived: TaskState | undefined | null = archive ? undefined : null
    for (;;) {
      const [{ offset }, [task]] = await Promise.all([
        assertLevel(store, partition),
        store.readTasks(partition, [taskId], refuseUnreadable),
      ])
      if (task?.tenant === tenant) return task
      askedAtSeq ??= task ? 0 : await bus.streams.lastLogSeq(STREAMS.log.name, partition)
      // What was accepted before the question has been folded: it would be here.
      const isKnown = offset >= askedAtSeq
      if (!task && isKnown && archived === undefined) {
        archived = (await archive?.findTask(taskId)) ?? null
        if (archived?.tenant === tenant) return archived
      }
      if (task || (isKnown && clock.monotonicMs() > untilMs))
        throw new MurmurError('TASK_NOT_FOUND', `there is no task "${taskId}"`)
      if (clock.monotonicMs() > untilMs) throw unavailableNow('not all that happened to tasks is known yet')
      await clock.sleep(POLL_INTERVAL_MS)
    }
  }
}
