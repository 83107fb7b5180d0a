import { isBehind, type PageEnd } from '#platform/requests/cursor.ts'
import type { ListOrder } from '#schemas/task-requests.ts'
import type { IndexedTask, PartitionStore } from '../partition/partition-store.ts'

/** An entry of the index, and whose it is. */
export interface PlacedTask extends IndexedTask {
  partition: number
}

export interface EntryRange {
  /** Which come first. */
  order: ListOrder
  /** Those behind this place only. */
  after: PageEnd | undefined
  /** Unix milliseconds; both included. */
  fromMs: number
  untilMs: number
}

type ReadIndex = Pick<PartitionStore, 'newestTasks' | 'oldestTasks'>

/** Entries that one partition is asked for at once: ids only, which are small. */
const MIN_CHUNK = 16
const MAX_CHUNK = 500

/**
 * The tasks of several partitions in one order: newest first, and of the same millisecond the larger id first; or just the other way round. Reads the indexes as far as it is asked
 * for and no further, and none of the tasks.
 */
export class OrderedEntries {
  readonly #order: ListOrder
  readonly #heads: PartitionEntries[]

  constructor(store: ReadIndex, partitions: readonly number[], range: EntryRange) {
    this.#order = range.order
    this.#heads = partitions.map((partition) => new PartitionEntries(store, partition, range))
  }

  /** The next ones; fewer than asked for: there are no more. */
  async take(count: number): Promise<PlacedTask[]> {
    const taken: PlacedTask[] = []
    const chunk = Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, Math.ceil((2 * count) / this.#heads.length)))
    while (taken.length < count) {
      await Promise.all(this.#heads.map((head) => head.fill(chunk)))
      // Up to where the first of them has to be read on.
      while (taken.length < count) {
        const next = firstOf(this.#heads, this.#order)
        if (!next) return taken
        taken.push(next.shift())
        if (next.isShort) break
      }
    }
    return taken
  }
}

/** The entries of one partition, some at a time. */
class PartitionEntries {
  readonly #store: ReadIndex
  readonly #partition: number
  readonly #range: EntryRange
  #waiting: PlacedTask[] = []
  #at = 0
  #start = 0
  #last: PageEnd | undefined
  #isOver = false

  constructor(store: ReadIndex, partition: number, range: EntryRange) {
    this.#store = store
    this.#partition = partition
    this.#range = range
    this.#last = range.after
  }

  get head(): PlacedTask | undefined {
    return this.#waiting[this.#at]
  }

  /** Whether it has to be read on before its next entry is known. */
  get isShort(): boolean {
    return this.head === undefined && !this.#isOver
  }

  shift(): PlacedTask {
    return this.#waiting[this.#at++]!
  }

  async fill(count: number): Promise<void> {
    const { fromMs, order } = this.#range
    while (this.isShort) {
      const entries = await this.#read(count)
      this.#start += entries.length
      this.#isOver = entries.length < count || (order === 'newest' && entries.at(-1)!.createdAtMs < fromMs)
      // What was created meanwhile moves the others on: some of them come again.
      this.#waiting = entries
        .filter(
          (entry) =>
            entry.createdAtMs >= fromMs && (!this.#last || isBehind(endOf(entry), this.#last, order)),
        )
        .map((entry) => ({ ...entry, partition: this.#partition }))
      this.#at = 0
      const last = this.#waiting.at(-1)
      if (last) this.#last = endOf(last)
    }
  }

  #read(count: number): Promise<IndexedTask[]> {
    const { fromMs, untilMs, order } = this.#range
    const page = { start: this.#start, count }
    if (order === 'oldest') return this.#store.oldestTasks(this.#partition, { fromMs, untilMs, ...page })
    const bound = untilMs < Number.POSITIVE_INFINITY && { untilMs }
    return this.#store.newestTasks(this.#partition, { ...bound, ...page })
  }
}

function firstOf(heads: readonly PartitionEntries[], order: ListOrder): PartitionEntries | undefined {
  let first: PartitionEntries | undefined
  for (const each of heads) {
    if (!each.head) continue
    if (!first || isBehind(endOf(first.head!), endOf(each.head), order)) first = each
  }
  return first
}

function endOf({ createdAtMs, id }: IndexedTask): PageEnd {
  return { atMs: createdAtMs, id }
}
