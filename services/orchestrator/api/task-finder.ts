import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { activeAsking } from '#platform/requests/asking.ts'
import type { TaskState } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { assertLevel, refuseUnreadable, unavailableNow } from '../partition/assert-level.ts'
import { FoldWaits } from '../partition/fold-waits.ts'
import type { PartitionStore } from '../partition/partition-store.ts'

export interface TaskFinderDeps {
  bus: Pick<Bus, 'streams'>
  store: PartitionStore
  partitions: number
  clock: Clock
  /** Shared with others who wait for the same partitions. */
  folds?: FoldWaits | undefined
  /** Where tasks are that ended and that the store has no more. */
  archive?: { findTask(taskId: string): Promise<TaskState | undefined> } | undefined
}

/** A task that was accepted just now is folded within milliseconds: wait for it rather than denying it. */
const JUST_ACCEPTED_MS = 300
const POLL_INTERVAL_MS = 20
/** Less than whoever asked waits: what is found then has to get back in time. */
const WAY_BACK_MS = 100

/** Finds tasks of a tenant in the store, for those who want something of them. */
export class TaskFinder {
  readonly #deps: TaskFinderDeps
  readonly #folds: FoldWaits

  constructor(deps: TaskFinderDeps) {
    this.#deps = deps
    this.#folds = deps.folds ?? new FoldWaits(deps)
  }

  /**
   * Somebody else's task is not there. One whose partition is behind, as without an owner, is waited for.
   * @returns the task, also one that only the archive has @throws MurmurError TASK_NOT_FOUND; UNAVAILABLE while nobody can say
   */
  async find(tenant: string, taskId: string): Promise<TaskState> {
    const { store, partitions, clock, bus, archive } = this.#deps
    const partition = partitionOf(taskId, partitions)
    const startedMs = clock.monotonicMs()
    const untilMs = startedMs + JUST_ACCEPTED_MS
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
      if (offset < askedAtSeq) {
        const heldUntilMs = (activeAsking()?.holdUntilMs ?? 0) - WAY_BACK_MS
        if (await this.#folds.reached(partition, askedAtSeq, Math.max(untilMs, heldUntilMs))) continue
        throw unavailableNow('not all that happened to tasks is known yet, as while a partition has no owner')
      }
      if (!task && archived === undefined) {
        archived = (await archive?.findTask(taskId)) ?? null
        if (archived?.tenant === tenant) return archived
      }
      if (task || clock.monotonicMs() > untilMs)
        throw new MurmurError('TASK_NOT_FOUND', `there is no task "${taskId}"`)
      await clock.sleep(POLL_INTERVAL_MS)
    }
  }
}
