/** A task that was let in. It counts by itself until a sample of what is there has it. */
export interface AdmittedTask {
  /** Its event is in the log. */
  stored(partition: number, seq: number): void
  /** It did not come in after all. */
  withdrawn(): void
}

interface Entry<T> {
  readonly item: T
  position: { partition: number; seq: number } | undefined
  samples: number
}

/** After so many samples a task counts no longer though none has it: its log may have been set back. */
const MAX_SAMPLES = 40

/** What was let in here and the last sample of what is there does not have: until it does, it has to be counted beside it. */
export class PendingAdmissions<T> {
  readonly #entries = new Set<Entry<T>>()
  readonly #onChange: (item: T, sign: 1 | -1) => void

  /** @param onChange called when an item begins to count (1) and when it ends to (-1): for sums */
  constructor(onChange: (item: T, sign: 1 | -1) => void) {
    this.#onChange = onChange
  }

  get size(): number {
    return this.#entries.size
  }

  add(item: T): AdmittedTask {
    const entry: Entry<T> = { item, position: undefined, samples: 0 }
    this.#entries.add(entry)
    this.#onChange(item, 1)
    return {
      stored: (partition, seq) => {
        entry.position = { partition, seq }
      },
      withdrawn: () => this.#forget(entry),
    }
  }

  /** There is a new sample. @param seqOf the last event of a partition that it has */
  observe(seqOf: (partition: number) => number): void {
    for (const entry of this.#entries) {
      const { position } = entry
      const isSeen = position !== undefined && position.seq <= seqOf(position.partition)
      if (isSeen || ++entry.samples > MAX_SAMPLES) this.#forget(entry)
    }
  }

  #forget(entry: Entry<T>): void {
    if (this.#entries.delete(entry)) this.#onChange(entry.item, -1)
  }
}
