import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { KeptItem } from '#workflow/decide/commands.ts'
import {
  type Commit,
  claimOf,
  commitBefore,
  type LogMark,
  type Lost,
  type OpenApproval,
  type PartitionLoad,
  type PartitionPosition,
  type PartitionStore,
  type UnreadableTask,
} from '../../services/orchestrator/partition/partition-store.ts'
import { encodeTask } from '../../services/orchestrator/partition/stored-task.ts'

interface Partition {
  position: (PartitionPosition & { token: string }) | undefined
  states: Map<string, TaskState>
  timers: Map<string, number>
  index: Map<string, number>
  depth: Map<string, number>
  tenants: Map<string, number>
  steps: Map<string, number>
  /** Outcomes of items, by task and step. */
  items: Map<string, Map<number, KeptItem['outcome']>>
  approvals: Map<string, OpenApproval>
  cameras: Map<string, { tenant: string; count: number }>
  /** Tasks that there were before a reset. */
  before: Set<string>
}

/** What a store has to do, in the plainest way: for tests that need one, and beside Redis in the conformance suite. */
export class MemoryPartitionStore implements PartitionStore {
  readonly #partitions = new Map<number, Partition>()
  /** Tasks that can't be read, and whether their definition can. */
  readonly #spoilt = new Map<string, boolean>()

  async position(partition: number): Promise<PartitionPosition | undefined> {
    const { position } = this.#at(partition)
    if (!position) return undefined
    const { token, ...rest } = position
    return structuredClone({ ...rest, ...(token !== '' && { claim: claimOf(token) }) })
  }

  async readTasks(
    partition: number,
    ids: string[],
    onUnreadable?: (unreadable: UnreadableTask) => void,
  ): Promise<(TaskState | undefined)[]> {
    return ids.map((id) => {
      const found = this.#at(partition).states.get(id)
      if (!found || !this.#spoilt.has(id)) return structuredClone(found)
      const { tenant, type } = found
      onUnreadable?.({ id, why: 'it was spoilt', known: this.#spoilt.get(id) ? { tenant, type } : {} })
      return undefined
    })
  }

  async commit(partition: number, commit: Commit): Promise<boolean> {
    for (const write of commit.writes) encodeTask(write)
    const at = this.#at(partition)
    if (at.position?.token === commit.id) return true
    if (at.position?.offset !== commit.expectedOffset) return false
    const before = commitBefore(commit.id)
    if (before !== undefined && at.position?.token !== before) return false
    const { offset, emitted, level, log } = commit
    at.position = { ...at.position, offset, emitted, level, log: { ...log }, token: commit.id }
    for (const [type, delta] of commit.depth) {
      const count = (at.depth.get(type) ?? 0) + delta
      if (count === 0) at.depth.delete(type)
      else at.depth.set(type, count)
    }
    for (const [counts, changes] of [
      [at.tenants, commit.tenants],
      [at.steps, commit.steps ?? new Map<string, number>()],
    ] as const)
      for (const [name, delta] of changes) {
        const count = (counts.get(name) ?? 0) + delta
        if (count <= 0) counts.delete(name)
        else counts.set(name, count)
      }
    for (const {
      state,
      dueMs,
      isNew,
      keepMs,
      kept = [],
      dropped = [],
      approvals,
      cameras,
    } of commit.writes) {
      for (const stepId of dropped) at.items.delete(`${state.id} ${stepId}`)
      for (const { stepId, index, outcome } of kept) {
        const list = at.items.get(`${state.id} ${stepId}`) ?? new Map()
        at.items.set(`${state.id} ${stepId}`, list.set(index, structuredClone(outcome)))
      }
      for (const one of approvals?.closed ?? []) at.approvals.delete(nameOf(one))
      for (const one of approvals?.opened ?? []) at.approvals.set(nameOf(one), { ...one })
      if (cameras === 0) at.cameras.delete(state.id)
      else if (cameras !== undefined) at.cameras.set(state.id, { tenant: state.tenant, count: cameras })
      if (keepMs !== undefined && keepMs <= 0) {
        for (const tasks of [at.states, at.index, at.before]) tasks.delete(state.id)
      } else {
        at.states.set(state.id, structuredClone(state))
        this.#spoilt.delete(state.id)
        if (isNew) at.index.set(state.id, state.createdAtMs)
      }
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

  async reset(partition: number, expected: number | 'any', log: LogMark): Promise<boolean> {
    const at = this.#at(partition)
    if (expected !== 'any' && at.position?.offset !== expected) return false
    const before = new Set([...at.before, ...at.states.keys()])
    this.#partitions.delete(partition)
    const fresh = this.#at(partition)
    fresh.before = before
    fresh.position = { offset: 0, emitted: 0, level: false, log: { ...log, storedAtMs: 0 }, token: '' }
    return true
  }

  async settleReset(partition: number): Promise<Lost> {
    const { before, states } = this.#at(partition)
    const lost = [...before].filter((id) => !states.has(id))
    before.clear()
    return { count: lost.length, examples: lost.slice(0, 20) }
  }

  async trimIndex(partition: number): Promise<number> {
    const { index, states, cameras } = this.#at(partition)
    for (const id of cameras.keys()) if (!states.has(id)) cameras.delete(id)
    const expired = [...index.keys()].filter((id) => !states.has(id))
    for (const id of expired) index.delete(id)
    return expired.length
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

  async markRestored(partition: number, atMs: number): Promise<void> {
    const { position } = this.#at(partition)
    if (position) position.restoredAtMs = atMs
  }

  async activeTasks(partition: number, cursor: string) {
    const { timers, index } = this.#at(partition)
    const size = 100
    // In the order of their names, so that none is passed over when another goes.
    const all = [...timers.keys()].sort().filter((id) => cursor === '0' || id > cursor)
    const tasks = all.slice(0, size).map((id) => ({ id, createdAtMs: index.get(id) }))
    return { tasks, next: all.length > size ? tasks.at(-1)?.id : undefined }
  }

  async cameraTasks(partition: number) {
    return [...this.#at(partition).cameras.keys()]
  }

  async oldestTasks(
    partition: number,
    {
      fromMs,
      untilMs,
      start = 0,
      count,
    }: { fromMs: number; untilMs: number; start?: number | undefined; count: number },
  ) {
    return [...this.#at(partition).index]
      .map(([id, createdAtMs]) => ({ id, createdAtMs }))
      .filter(({ createdAtMs }) => createdAtMs >= fromMs && createdAtMs <= untilMs)
      .sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1))
      .slice(start, start + count)
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

  async readItems(
    partition: number,
    { taskId, stepId, from, count }: { taskId: string; stepId: string; from: number; count: number },
  ): Promise<(KeptItem['outcome'] | undefined)[]> {
    const list = this.#at(partition).items.get(`${taskId} ${stepId}`)
    return Array.from({ length: count }, (_, i) => structuredClone(list?.get(from + i)))
  }

  async openApprovals(
    partition: number,
    { tenant, after, count }: { tenant: string; after?: OpenApproval | undefined; count: number },
  ): Promise<OpenApproval[]> {
    return [...this.#at(partition).approvals]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .filter(([name, one]) => one.tenant === tenant && (!after || name > nameOf(after)))
      .slice(0, count)
      .map(([, one]) => ({ ...one }))
  }

  async depth(partition: number): Promise<Map<string, number>> {
    return new Map(this.#at(partition).depth)
  }

  async load(partition: number): Promise<PartitionLoad> {
    const { position, depth, tenants, steps, cameras: held } = this.#at(partition)
    const cameras = new Map<string, number>()
    for (const { tenant, count } of held.values()) cameras.set(tenant, (cameras.get(tenant) ?? 0) + count)
    const [byType, byTenant] = [new Map(depth), new Map(tenants)]
    return { offset: position?.offset ?? 0, byType, byTenant, cameras, steps: new Map(steps) }
  }

  /** What stands there of a task can't be read any more; of its definition neither, unless it is said to be. */
  spoil(id: string, options: { definitionToo?: boolean } = {}): void {
    this.#spoilt.set(id, options.definitionToo !== true)
  }

  /** What stands there of a task becomes something else, as if another version had written it. */
  rewrite(partition: number, id: string, change: (state: TaskState) => void): void {
    change(this.#at(partition).states.get(id)!)
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
      const empty: Omit<Partition, 'position'> = {
        states: new Map(),
        timers: new Map(),
        index: new Map(),
        depth: new Map(),
        tenants: new Map(),
        steps: new Map(),
        items: new Map(),
        approvals: new Map(),
        cameras: new Map(),
        before: new Set(),
      }
      found = { position: undefined, ...empty }
      this.#partitions.set(partition, found)
    }
    return found
  }
}

function nameOf({ tenant, taskId, stepId, attempt }: OpenApproval): string {
  return `${tenant}:${taskId}:${stepId}:${attempt}`
}
