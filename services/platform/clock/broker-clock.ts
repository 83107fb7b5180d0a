import type { Clock } from './clock.ts'

/** A known time may be off by its round trip; beyond that the broker's clock has been set. */
const JUMP_MS = 1000

/** What the broker said its time was, and when it was asked and answered on `monotonicMs`. */
export interface BrokerTime {
  brokerMs: number
  askedMs: number
  answeredMs: number
}

/**
 * The broker's time, as far as it is known here: the one clock that times of several machines are compared by. It goes on with the
 * machine's monotonic clock from what the broker has last said, so that neither a wrong clock of this machine nor one that is set
 * changes it. While the broker has said nothing, it is the machine's own.
 */
export class BrokerClock implements Clock {
  readonly #local: Clock
  /** Broker's time less `monotonicMs`. */
  #offsetMs: number | undefined
  /** The offset was told, and not only that it is at least so much. */
  #isTold = false
  readonly #doubtful = new Set<() => void>()

  constructor(local: Clock) {
    this.#local = local
  }

  /** Unix time of the broker, in milliseconds. */
  readonly nowMs = (): number =>
    this.#offsetMs === undefined
      ? this.#local.nowMs()
      : Math.floor(this.#local.monotonicMs() + this.#offsetMs)

  readonly monotonicMs = (): number => this.#local.monotonicMs()

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => this.#local.sleep(ms, signal)

  /** Whether the broker has said what time it is. */
  get isKnown(): boolean {
    return this.#isTold
  }

  /** How far this machine's clock is ahead of the broker's. Milliseconds; 0 while the broker's is not known. */
  get skewMs(): number {
    return this.#isTold ? this.#local.nowMs() - this.nowMs() : 0
  }

  /** Told when a message comes that is later than it should be: worth asking the broker. */
  onDoubt(listener: () => void): void {
    this.#doubtful.add(listener)
  }

  /** The broker has said its time: it was somewhere between question and answer. */
  observe({ brokerMs, askedMs, answeredMs }: BrokerTime): void {
    const leastMs = brokerMs - answeredMs
    const mostMs = brokerMs - askedMs
    if (this.#offsetMs === undefined || !this.#isTold) this.#offsetMs = (leastMs + mostMs) / 2
    // What is known already may be nearer than half a long round trip.
    else this.#offsetMs = Math.min(Math.max(this.#offsetMs, leastMs), mostMs)
    this.#isTold = true
  }

  /**
   * The broker has stored a message at this time that is here now: it can't be earlier. Where its time was told, a message from far
   * ahead is no proof (its clock may have been set back since), only a reason to ask.
   */
  atLeast(brokerMs: number): void {
    const leastMs = brokerMs - this.#local.monotonicMs()
    if (this.#isTold && leastMs > this.#offsetMs! + JUMP_MS) for (const listener of this.#doubtful) listener()
    else if (leastMs > (this.#offsetMs ?? this.#local.nowMs() - this.#local.monotonicMs()))
      this.#offsetMs = leastMs
  }
}
