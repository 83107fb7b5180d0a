import type { Clock } from '#platform/clock/clock.ts'
import { isForNow, MurmurError } from '#platform/errors/murmur-error.ts'
import { assertLevel } from './assert-level.ts'
import type { PartitionStore } from './partition-store.ts'

/** What is in the log is folded within milliseconds, when its partition has an owner. */
const FIRST_POLL_MS = 20
/** After so long it has none, or one that is behind: nobody notices a fifth of a second then. */
const SOON_MS = 300
const POLL_MS = 100
/** Of this process. Each is a promise; what wakes when the partition has an owner again asks Redis once. */
const MAX_WAITS = 5000

interface Wait {
  readonly seq: number
  readonly untilMs: number
  readonly resolve: (isReached: boolean) => void
}

/** Waits until what is in the log is folded: all who wait for a partition look at it together. */
export class FoldWaits {
  readonly #store: Pick<PartitionStore, 'position'>
  readonly #clock: Clock
  readonly #waits = new Map<number, Set<Wait>>()
  #count = 0

  constructor({ store, clock }: { store: Pick<PartitionStore, 'position'>; clock: Clock }) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * @param seq of the log, up to which everything is to be folded, by whoever owns the partition
   * @param untilMs monotonic
   * @returns whether it is; false also when so many wait already that one more is not let
   */
  reached(partition: number, seq: number, untilMs: number): Promise<boolean> {
    if (this.#count >= MAX_WAITS || this.#clock.monotonicMs() >= untilMs) return Promise.resolve(false)
    return new Promise((resolve) => {
      const waits = this.#waits.get(partition) ?? new Set()
      waits.add({ seq, untilMs, resolve })
      this.#count++
      if (this.#waits.has(partition)) return
      this.#waits.set(partition, waits)
      void this.#poll(partition, waits)
    })
  }

  async #poll(partition: number, waits: Set<Wait>): Promise<void> {
    const startedMs = this.#clock.monotonicMs()
    while (waits.size > 0) {
      await this.#clock.sleep(this.#clock.monotonicMs() - startedMs < SOON_MS ? FIRST_POLL_MS : POLL_MS)
      const offset = await this.#offset(partition)
      const nowMs = this.#clock.monotonicMs()
      for (const wait of waits) {
        const isReached = offset !== undefined && offset >= wait.seq
        if (!isReached && nowMs < wait.untilMs) continue
        waits.delete(wait)
        this.#count--
        wait.resolve(isReached)
      }
    }
    this.#waits.delete(partition)
  }

  /** Undefined while nobody can say: the partition is built anew, or Redis is away. */
  async #offset(partition: number): Promise<number | undefined> {
    try {
      return (await assertLevel(this.#store, partition)).offset
    } catch (error) {
      // Whoever waits reads again, and is told what else is wrong.
      if (error instanceof MurmurError && isForNow(error.code)) return undefined
      return Number.POSITIVE_INFINITY
    }
  }
}
