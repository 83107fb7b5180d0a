import { isTerminal, type TaskState } from '#schemas/task.ts'
import type {
  Commit,
  PartitionPosition,
  PartitionStore,
} from '../../services/orchestrator/partition/partition-store.ts'

interface Partition {
  position: (PartitionPosition & { token: string }) | undefined
  states: Map<string, TaskState>
  timers: Map<string, number>
  index: Map<string, number>
  depth: Map<string, number>
  tenants: Map<string, number>
}

/** What a store has to do, in the plainest way: for tests that need one, and beside Redis in the conformance suite. */
export class MemoryPartitionStore implements PartitionStore {
  readonly #partitions = new Map<number, Partition>()

  async position(partition: number): Promise<PartitionPosition | undefined> {
    const { position } = this.#at(partition)
    return position && { offset: position.offset, emitted: position.emitted }
  }

  async readTasks(partition: number, ids: string[]): Promise<(TaskState | undefined)[]> {
    return ids.map((id) => structuredClone(this.#at(partition).states.get(id)))
  }

  async commit(partition: number, commit: Commit): Promise<boolean> {
    const at = this.#at(partition)
    if (at.position?.offset !== commit.expectedOffset)
      return at.position?.offset === commit.offset && at.position.token === commit.id
    at.position = { offset: commit.offset, emitted: commit.emitted, token: commit.id }
    for (const [type, delta] of commit.depth) {
      const count = (at.depth.get(type) ?? 0) + delta
      if (count === 0) at.depth.delete(type)
      else at.depth.set(type, count)
    }
    for (const [tenant, delta] of commit.tenants) {
      const count = (at.tenants.get(tenant) ?? 0) + delta
      if (count <= 0) at.tenants.delete(tenant)
      else at.tenants.set(tenant, count)
    }
    for (const { state, dueMs, isNew } of commit.writes) {
      at.states.set(state.id, structuredClone(state))
      if (isNew) at.index.set(state.id, state.createdAtMs)
      if (dueMs === undefined) at.timers.delete(state.id)
      else if (dueMs !== 'unchanged') at.timers.set(state.id, dueMs)
    }
    return true
  }

  async markEmitted(partition: number, offset: number, emitted: number): Promise<boolean> {
    const { position } = this.#at(partition)
    if (position?.offset !== offset) return false
    position.emitted = emitted
    return true
  }

  async dueTimers(
    partition: number,
    untilMs: number,
    limit: number,
  ): Promise<{ taskId: string; dueMs: number }[]> {
    return [...this.#at(partition).timers]
      .filter(([, dueMs]) => dueMs <= untilMs)
      .sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, limit)
      .map(([taskId, dueMs]) => ({ taskId, dueMs }))
  }

  async nextTimerMs(partition: number): Promise<number | undefined> {
    const [first] = await this.dueTimers(partition, Number.POSITIVE_INFINITY, 1)
    return first?.dueMs
  }

  async newestTasks(
    partition: number,
    {
      untilMs = Number.POSITIVE_INFINITY,
      start,
      count,
    }: { untilMs?: number | undefined; start: number; count: number },
  ) {
    return [...this.#at(partition).index]
      .map(([id, createdAtMs]) => ({ id, createdAtMs }))
      .filter(({ createdAtMs }) => createdAtMs <= untilMs)
      .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1))
      .slice(start, start + count)
  }

  async forget(partition: number, ids: string[]): Promise<void> {
    for (const id of ids) this.#at(partition).index.delete(id)
  }

  async depth(partition: number): Promise<Map<string, number>> {
    return new Map(this.#at(partition).depth)
  }

  async activeByTenant(partition: number): Promise<Map<string, number>> {
    return new Map(this.#at(partition).tenants)
  }

  /** All of it is gone, as after FLUSHALL. */
  flush(): void {
    this.#partitions.clear()
  }

  /** Finished tasks are gone, as when their time to live is over. */
  expireFinished(): void {
    for (const { states } of this.#partitions.values())
      for (const [id, state] of states) if (isTerminal(state.status)) states.delete(id)
  }

  #at(partition: number): Partition {
    let found = this.#partitions.get(partition)
    if (!found) {
      const empty = {
        states: new Map(),
        timers: new Map(),
        index: new Map(),
        depth: new Map(),
        tenants: new Map(),
      }
      found = { position: undefined, ...empty }
      this.#partitions.set(partition, found)
    }
    return found
  }
}
