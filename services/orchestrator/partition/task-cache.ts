import { isTerminal } from '#schemas/task.ts'
import type { HeldTask } from './fold-batch.ts'

/**
 * The tasks of a partition that are in memory: the most recently used up to a bound. What is not here is read from the
 * store when an event needs it, so memory does not grow with the number of active tasks. Finished tasks leave at once.
 */
export class TaskCache {
  readonly #tasks = new Map<string, HeldTask>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(id: string): HeldTask | undefined {
    return this.#tasks.get(id)
  }

  has(id: string): boolean {
    return this.#tasks.has(id)
  }

  /** Takes in the outcome of a batch. */
  put(held: ReadonlyMap<string, HeldTask>): void {
    for (const [id, task] of held) {
      // Deleting first moves it to the end: a Map keeps the order of insertion.
      this.#tasks.delete(id)
      if (!isTerminal(task.state.status)) this.#tasks.set(id, task)
    }
    this.#trim()
  }

  #trim(): void {
    if (this.#tasks.size <= this.#capacity) return
    for (const id of this.#tasks.keys()) {
      this.#tasks.delete(id)
      if (this.#tasks.size <= this.#capacity) return
    }
  }
}
