import type { Bus } from '#platform/nats/bus.ts'
import type { ChunkSource, OnChunks } from '#platform/tasks/chunk-follower.ts'
import { natsChunks } from '#platform/tasks/nats-chunks.ts'
import type { StepChunks } from '#schemas/step-chunks.ts'

interface WatchedTask {
  readonly listeners: Set<OnChunks>
  readonly end: () => void
}

/**
 * The chunks of the tasks that are watched here: one subscription a task, however many watch it, and none for all others. Nothing is
 * kept. Those who come late at the same time share one question to the process that runs the step.
 */
export class ChunkHub {
  readonly #bus: Pick<Bus, 'subscribe' | 'requestBytes'>
  readonly #tasks = new Map<string, WatchedTask>()
  readonly #asked = new Map<string, Promise<readonly StepChunks[]>>()

  constructor(bus: Pick<Bus, 'subscribe' | 'requestBytes'>) {
    this.#bus = bus
  }

  /** Tasks that are watched just now. */
  get size(): number {
    return this.#tasks.size
  }

  /** The chunks of one task of one tenant; of another's there are none. */
  of(tenant: string, taskId: string): ChunkSource {
    const key = `${tenant} ${taskId}`
    const source = natsChunks(this.#bus, { tenant, taskId })
    return {
      onChunks: (listener) => this.#listen(key, source, listener),
      replay: (step) => this.#replay(`${key} ${step.stepId} ${step.attempt}`, () => source.replay(step)),
    }
  }

  #listen(key: string, source: ChunkSource, listener: OnChunks): () => void {
    const task = this.#tasks.get(key) ?? this.#subscribe(key, source)
    task.listeners.add(listener)
    return () => {
      task.listeners.delete(listener)
      if (task.listeners.size > 0 || this.#tasks.get(key) !== task) return
      this.#tasks.delete(key)
      task.end()
    }
  }

  #subscribe(key: string, source: ChunkSource): WatchedTask {
    const listeners = new Set<OnChunks>()
    const end = source.onChunks((message, from) => {
      for (const listener of listeners) listener(message, from)
    })
    const task = { listeners, end }
    this.#tasks.set(key, task)
    return task
  }

  #replay(key: string, ask: () => Promise<readonly StepChunks[]>): Promise<readonly StepChunks[]> {
    const asked = this.#asked.get(key) ?? ask().finally(() => this.#asked.delete(key))
    this.#asked.set(key, asked)
    return asked
  }
}
