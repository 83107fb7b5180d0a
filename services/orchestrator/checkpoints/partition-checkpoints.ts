import { messageOf } from '#platform/errors/murmur-error.ts'
import type { HorizonRecord } from '#schemas/checkpoint.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { CheckpointLog } from './checkpoint-log.ts'
import { KnownCheckpoints } from './known-checkpoints.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

export interface PartitionCheckpointsDeps {
  partition: number
  store: PartitionStore
  log: CheckpointLog
  claim: string
  /** Finished tasks stay in an archive. */
  isArchived: boolean
  signal: AbortSignal
}

/** What became of a part of a round. */
export interface Outcome {
  written: number
  /** Why something was left out; undefined: nothing was. */
  why: string | undefined
}

/** Active tasks, each with whether it is old enough for its first checkpoint. */
export type ActiveTasks = ReadonlyMap<string, boolean>

/** Tasks that are read, compared and written at the same time. */
const BATCH = 100
const OLDEST_PAGE = 1000

/** The partition is somebody else's, or the store is not as it was: this owner has nothing more to say. */
export class NotOwned extends Error {}

/** The checkpoints of one partition: which tasks need one, which have one that says what is true, and which have one no more. */
export class PartitionCheckpoints {
  readonly #deps: PartitionCheckpointsDeps
  readonly #known = new KnownCheckpoints()

  constructor(deps: PartitionCheckpointsDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#known.size
  }

  /** A task has changed. */
  mark(taskId: string): void {
    this.#known.mark(taskId)
  }

  /** Reads what there is, where somebody else has written. @throws Error when nobody answers */
  async refresh(claims: HorizonRecord['claims'], foldedTo: number): Promise<void> {
    const { log, partition, signal } = this.#deps
    await this.#known.refresh(log, { partition, claims, foldedTo, signal })
  }

  /**
   * Whether the store is the owner's, and no older than what it has folded.
   * @returns the offset that is stored
   * @throws NotOwned
   */
  async assertOwned(from: number): Promise<{ offset: number; storedAtMs: number }> {
    const { store, partition, claim, signal } = this.#deps
    const position = await store.position(partition)
    if (position?.claim !== claim || position.offset < from || signal.aborted)
      throw new NotOwned('the partition is not as it was')
    return { offset: position.offset, storedAtMs: position.log?.storedAtMs ?? 0 }
  }

  /** Those that are active from the beginning to the end of this are among them. */
  async listActive(bornUntilMs: number): Promise<ActiveTasks> {
    const { store, partition } = this.#deps
    const active = new Map<string, boolean>()
    for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
      const page: Awaited<ReturnType<PartitionStore['activeTasks']>> = await store.activeTasks(
        partition,
        cursor,
      )
      for (const { id, createdAtMs = 0 } of page.tasks) {
        const known = this.#known.get(id)
        active.set(id, known === undefined && createdAtMs <= bornUntilMs)
        // It has begun anew under its id.
        if (known?.ended === undefined) continue
        delete known.ended
        known.isDirty = true
      }
      cursor = page.next
    }
    return active
  }

  /** Writes what has no checkpoint yet, or has changed since. */
  async writeActive(active: ActiveTasks, from: number): Promise<Outcome> {
    const due = [...active].filter(([id, isDue]) => isDue || this.#known.get(id)?.isDirty === true)
    const ids = due.map(([id]) => id)
    return this.#write(ids, from, () => true)
  }

  /** Finds out which tasks with a checkpoint have ended, and where. Their last states are written: a horizon may lie before their ends. */
  async settleEnded(active: ActiveTasks, from: number): Promise<Outcome> {
    const { isArchived } = this.#deps
    const open = [...this.#known.entries()]
      .filter(([id, { ended, isForeign }]) => {
        if (active.has(id) || ended === 'gone') return false
        return ended === undefined || isForeign || !isArchived
      })
      .map(([id]) => id)
    const endedAt = new Map<string, number>()
    const there = new Set<string>()
    const outcome = await this.#write(open, from, ({ id, status, seq }) => {
      there.add(id)
      if (isTerminal(status)) endedAt.set(id, seq)
      // The horizon may pass events of it that its checkpoint does not have, before it passes its end.
      return isTerminal(status)
    })
    for (const id of open) {
      const known = this.#known.of(id)
      const ended = endedAt.get(id)
      if (ended !== undefined && !known.isDirty) known.ended = ended
      else if (there.has(id)) known.isDirty = true
      else if (!known.isDirty) known.ended = 'gone'
    }
    return outcome
  }

  /** Without an archive, what was created until then, has ended and is stored still stays as a checkpoint. */
  async coverEnded(active: ActiveTasks, untilMs: number, from: number): Promise<Outcome> {
    const { store, partition } = this.#deps
    const ended = new Set<string>()
    let count = OLDEST_PAGE
    for (let fromMs = 0; ; ) {
      const page = await store.oldestTasks(partition, { fromMs, untilMs, count })
      for (const { id } of page) if (!active.has(id)) ended.add(id)
      const last = page.at(-1)
      if (page.length < count || !last) break
      // More of the same millisecond than a page has: a larger one.
      if (last.createdAtMs === fromMs) count *= 2
      fromMs = last.createdAtMs
    }
    return this.#write([...ended], from, ({ status }) => isTerminal(status))
  }

  /**
   * What has ended before the horizon needs no checkpoint any more, and must not begin anew from one.
   * @returns why the horizon may not move yet; undefined: it may
   * @throws NotOwned
   */
  async removeEnded(horizon: number, from: number): Promise<string | undefined> {
    const { log, partition, isArchived } = this.#deps
    const gone = [...this.#known.entries()].filter(
      ([, { ended }]) => ended === 'gone' || (isArchived && ended !== undefined && ended <= horizon),
    )
    for (let i = 0; i < gone.length; i += BATCH) {
      await this.assertOwned(from)
      await Promise.all(
        gone.slice(i, i + BATCH).map(async ([id]) => {
          await log.remove(partition, id, this.#known.lastSeq)
          this.#known.forget(id)
        }),
      )
    }
    // One that came late, right before this, would stay. Behind it nothing comes: what it follows is gone.
    const isSeen = (await log.lastSeq(partition)) <= this.#known.lastSeq
    return isSeen ? undefined : 'somebody else has written checkpoints, too'
  }

  /** Writes those of these tasks that are wanted and whose checkpoints say something else. @throws NotOwned; Error when the store does not answer */
  async #write(
    ids: readonly string[],
    from: number,
    isWanted: (state: TaskState) => boolean,
  ): Promise<Outcome> {
    const total: Outcome = { written: 0, why: undefined }
    for (let i = 0; i < ids.length; i += BATCH) {
      const batch = ids.slice(i, i + BATCH)
      // What changes from here on is marked again.
      for (const id of batch) {
        const known = this.#known.get(id)
        if (known) known.isDirty = false
      }
      try {
        await this.#writeBatch(batch, { from, isWanted, total })
      } catch (error) {
        for (const id of batch) this.mark(id)
        throw error
      }
    }
    return total
  }

  async #writeBatch(
    batch: string[],
    { from, isWanted, total }: { from: number; isWanted: (state: TaskState) => boolean; total: Outcome },
  ): Promise<void> {
    const { store, partition, log, claim } = this.#deps
    const deps = { partition, store, log, known: this.#known }
    const before = await this.assertOwned(from)
    const states = await store.readTasks(partition, batch, ({ id, why }) => {
      total.why = `task ${id} can't be read: ${why}`
      this.mark(id)
    })
    const behind = await this.assertOwned(from)
    const at = { claim, foldedTo: before.offset, upTo: behind.offset, upToMs: behind.storedAtMs }
    const results = await Promise.allSettled(
      states.map(async (state) =>
        state && isWanted(state) ? await writeCheckpoint(deps, state, at) : 'same',
      ),
    )
    for (const [place, result] of results.entries()) {
      if (result.status === 'fulfilled' && result.value === 'same') continue
      if (result.status === 'fulfilled' && result.value === 'written') total.written++
      else {
        const id = batch[place]!
        this.mark(id)
        total.why = result.status === 'rejected' ? messageOf(result.reason) : `task ${id} changes meanwhile`
      }
    }
  }
}
