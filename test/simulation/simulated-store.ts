import { storedPart } from '#platform/json/load-stored.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'
import type { KeptItem } from '#workflow/decide/commands.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import type {
  Commit,
  OpenApproval,
  PartitionPosition,
} from '../../services/orchestrator/partition/partition-store.ts'
import { storedIn } from '../../services/orchestrator/partition/stored-values.ts'
import { MemoryPartitionStore } from '../support/memory-partition-store.ts'

/** The store in memory that the conformance suite holds to the same promises as Redis, which may lose the last of its writes, or all. */
export class SimulatedStore {
  /** What went wrong with timers. */
  readonly lateTimers: string[] = []
  #inner = new MemoryPartitionStore()
  #commits: { partition: number; commit: Commit }[] = []
  readonly #checksOffset: boolean

  constructor({ checksOffset }: { checksOffset: boolean }) {
    this.#checksOffset = checksOffset
  }

  position(partition: number): Promise<PartitionPosition | undefined> {
    return this.#inner.position(partition)
  }

  readTasks(partition: number, ids: string[]): Promise<(TaskState | undefined)[]> {
    return this.#inner.readTasks(partition, ids)
  }

  dueTimers(partition: number, untilMs: number): Promise<{ taskId: string; dueMs: number }[]> {
    return this.#inner.dueTimers(partition, untilMs, 1000)
  }

  nextTimerMs(partition: number): Promise<number | undefined> {
    return this.#inner.nextTimerMs(partition)
  }

  readItems(
    partition: number,
    about: { taskId: string; stepId: string; from: number; count: number },
  ): Promise<(KeptItem['outcome'] | undefined)[]> {
    return this.#inner.readItems(partition, about)
  }

  openApprovals(partition: number): Promise<OpenApproval[]> {
    return this.#inner.openApprovals(partition, { tenant: 'default', count: 1000 })
  }

  async commit(partition: number, commit: Commit): Promise<boolean> {
    const id = this.#checksOffset ? commit.id : `${commit.id}.0`
    const expectedOffset = this.#checksOffset ? commit.expectedOffset : await this.#offset(partition)
    const sent = { ...commit, id, expectedOffset }
    const done = await this.#inner.commit(partition, sent)
    if (done) await this.#checkTimers(partition, sent)
    if (done && this.#commits.at(-1)?.commit.id !== id) this.#commits.push({ partition, commit: sent })
    return done
  }

  /** A timer may be stored too early, and never too late: nothing would go off. */
  async #checkTimers(partition: number, { id, writes }: Commit): Promise<void> {
    for (const { state } of writes) {
      const dueMs = nextDueMs(state)
      if (dueMs === undefined) continue
      const due = await this.#inner.dueTimers(partition, dueMs, 1000)
      if (!due.some(({ taskId }) => taskId === state.id))
        this.lateTimers.push(`after commit ${id} the timer of task ${state.id} is stored too late`)
    }
  }

  /** The last so many commits never were. */
  async forgetLast(count: number): Promise<void> {
    const kept = this.#commits.slice(0, Math.max(0, this.#commits.length - count))
    this.#inner = new MemoryPartitionStore()
    this.#commits = []
    for (const { partition, commit } of kept)
      if (await this.#inner.commit(partition, commit)) this.#commits.push({ partition, commit })
  }

  get commits(): number {
    return this.#commits.length
  }

  async #offset(partition: number): Promise<number | undefined> {
    return (await this.#inner.position(partition))?.offset
  }
}

/** Above this, outputs go to the object store. Characters. */
const INLINE_CHARACTERS = 700

/** The object store: values by their key. */
export class SimulatedObjects {
  readonly #values = new Map<string, JsonValue>()
  readonly #keys = new Map<string, string>()

  /** Named by its content. @returns the reference to it */
  put(value: JsonValue): JsonValue {
    const text = JSON.stringify(value)
    const blob = this.#keys.get(text) ?? `values/${this.#keys.size}.json`
    this.#keys.set(text, blob)
    this.#values.set(blob, value)
    return { $json: { blob, size: 9, sha256: 'a'.repeat(64), contentType: 'application/json' } }
  }

  asOutput(value: JsonValue): JsonValue {
    return JSON.stringify(value).length > INLINE_CHARACTERS ? this.put(value) : value
  }

  load(value: JsonValue | undefined): JsonValue {
    const stored = storedIn(value)
    return stored ? storedPart(stored, this.#values.get(stored.$json.blob) ?? null) : (value ?? null)
  }
}
