import type { MemoryUse } from '#platform/redis/redis-memory.ts'
import { percent } from '#platform/statistics/percent.ts'
import {
  type AdmissionCheck,
  fallPerSecond,
  Refusal,
  retryAfterMs,
  type TaskDemand,
} from './admission-check.ts'

interface MemorySample {
  /** Of a clock that goes forward. */
  atMs: number
  /** Of each server that has partitions; of a replica nothing. */
  servers: readonly MemoryUse[]
}

/** New tasks may fill a Redis server so far. Above it, only what accepted tasks need: their states, which grow, their items, leases and the registry. */
export const MEMORY_BOUND = 0.85
const HISTORY_MS = 10_000
/** What is kept of a task when it comes in, by the size of its event: its definition, its state, the entries of indexes. */
const KEPT_SHARE = 2

/**
 * Whether Redis has room for another task. A full Redis refuses every write, also those of tasks that were accepted: they would stand
 * still until something expires. So new ones stop early. Between two samples it counts what it let in. Pure but for its memory; the time
 * comes in.
 */
export class MemoryCheck implements AdmissionCheck {
  readonly #samples: MemorySample[] = []
  /** Let in since the last sample, and between it and the one before: those may be on their way. Bytes. */
  #unseenBytes = 0
  #lastUnseenBytes = 0

  observe(sample: MemorySample): void {
    this.#samples.push(sample)
    while (this.#samples.length > 2 && this.#samples[0]!.atMs < sample.atMs - HISTORY_MS)
      this.#samples.shift()
    this.#lastUnseenBytes = this.#unseenBytes
    this.#unseenBytes = 0
  }

  refusal(): Refusal | undefined {
    const fullest = this.#fullest(this.#samples.at(-1))
    if (!fullest) return undefined
    // Of several servers nobody knows here which one a task comes to.
    const usedBytes = fullest.usedBytes + this.#unseenBytes + this.#lastUnseenBytes
    const share = usedBytes / fullest.maxBytes
    if (share <= MEMORY_BOUND) return undefined
    return new Refusal(
      'redis',
      `Redis is ${percent(share)} full, new tasks may fill it to ${percent(MEMORY_BOUND)}`,
      retryAfterMs(
        usedBytes - MEMORY_BOUND * fullest.maxBytes,
        fallPerSecond(this.#samples, (sample) => this.#fullest(sample)?.usedBytes ?? 0),
      ),
    )
  }

  onAdmitted({ bytes }: TaskDemand): undefined {
    this.#unseenBytes += KEPT_SHARE * bytes
  }

  #fullest(sample: MemorySample | undefined): MemoryUse | undefined {
    const limited = sample?.servers.filter(({ maxBytes }) => maxBytes > 0) ?? []
    return limited.toSorted((a, b) => b.usedBytes / b.maxBytes - a.usedBytes / a.maxBytes)[0]
  }
}
