import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Streams } from '#platform/nats/streams.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import { STREAMS } from '#subjects/streams.ts'
import { MESSAGE_IDS } from '#subjects/subjects.ts'

/** Attempts whose position is remembered; beyond that the oldest are forgotten, many at a time: finding the oldest has its price. */
const MAX_REMEMBERED = 50_000
const EVICTION_BATCH = 5000
/** Attempts that wait for being taken out; beyond that they stay where they are. */
const MAX_WAITING = 10_000
const CONCURRENCY = 8
/** Instead of a sequence number: to be taken out as soon as it is known where it lies. */
const UNWANTED = 0
const decoder = new TextDecoder()

/**
 * Where dispatched attempts lie in the stream of steps, so that those whose task has ended can be taken out of their queues. It is
 * a courtesy: what is forgotten here, or was dispatched by a predecessor, is found by the agent that asks before it starts it.
 * Nobody waits for it.
 */
export class DispatchedSteps {
  readonly #bus: { streams: Pick<Streams, 'deleteMessage'> }
  readonly #log: Log
  readonly #positions = new Map<string, number>()
  readonly #waiting: { id: string; seq: number }[] = []
  #workers = 0

  constructor(bus: { streams: Pick<Streams, 'deleteMessage'> }, log: Log) {
    this.#bus = bus
    this.#log = log
  }

  /** The broker has stored the attempt with this dispatch id. */
  stored(id: string, seq: number): void {
    if (this.#positions.get(id) === UNWANTED) {
      this.#positions.delete(id)
      this.#remove(id, seq)
    } else this.#remember(id, seq)
  }

  /** Its agent has answered, and acknowledges it. */
  forget(id: string): void {
    this.#positions.delete(id)
  }

  /** Takes it out of its queue, now or when it gets there. */
  retract(id: string): void {
    const seq = this.#positions.get(id)
    if (seq === undefined) this.#remember(id, UNWANTED)
    else if (seq !== UNWANTED) {
      this.#positions.delete(id)
      this.#remove(id, seq)
    }
  }

  #remember(id: string, seq: number): void {
    this.#positions.set(id, seq)
    if (this.#positions.size <= MAX_REMEMBERED) return
    for (const oldest of this.#positions.keys()) {
      this.#positions.delete(oldest)
      if (this.#positions.size <= MAX_REMEMBERED - EVICTION_BATCH) return
    }
  }

  #remove(id: string, seq: number): void {
    if (this.#waiting.length >= MAX_WAITING) return
    this.#waiting.push({ id, seq })
    if (this.#workers < CONCURRENCY) void this.#work()
  }

  async #work(): Promise<void> {
    this.#workers++
    for (let next = this.#waiting.pop(); next; next = this.#waiting.pop()) {
      const { id, seq } = next
      try {
        // A stream that was made anew has something else in that position.
        await this.#bus.streams.deleteMessage(STREAMS.steps.name, seq, (data) => dispatchIdOf(data) === id)
      } catch (error) {
        this.#log.debug({ reason: messageOf(error), id }, 'a step was left in its queue')
      }
    }
    this.#workers--
  }
}

function dispatchIdOf(data: Uint8Array): string {
  const { taskId, stepId, attempt } = JSON.parse(decoder.decode(data)) as StepMessage
  return MESSAGE_IDS.dispatch(taskId, stepId, attempt)
}
