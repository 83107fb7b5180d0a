import type { Clock } from '#platform/clock/clock.ts'

/** The broker's clock, as far as somebody else than the broker knows it. */
export interface BrokerTime {
  /** A time that the broker's clock has passed for sure. Unix milliseconds. */
  passedMs(): number
  /** What its clock may show at most, for asking somebody who knows; until then the machine's own clock counts too. */
  suspectedMs(): number
}

/**
 * An estimate from what is heard anyway: a message was stored before it is here, so its timestamp is a lower bound, and who
 * answers with the broker's time knew it a moment ago. Between two such news the machine's monotonic clock goes on.
 */
export class EstimatedBrokerTime implements BrokerTime {
  readonly #clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  /** The broker's clock minus the monotonic one. */
  #offsetMs = Number.NEGATIVE_INFINITY
  #isKnown = false

  constructor(clock: Pick<Clock, 'nowMs' | 'monotonicMs'>) {
    this.#clock = clock
  }

  /** A message with this timestamp is here. */
  sawMessage(storedAtMs: number): void {
    const offsetMs = storedAtMs - this.#clock.monotonicMs()
    if (offsetMs > this.#offsetMs) this.#offsetMs = offsetMs
  }

  /** Somebody who knows has said what the broker's clock shows. */
  heard(brokerNowMs: number): void {
    this.#offsetMs = brokerNowMs - this.#clock.monotonicMs()
    this.#isKnown = true
  }

  passedMs(): number {
    return this.#clock.monotonicMs() + this.#offsetMs
  }

  suspectedMs(): number {
    return this.#isKnown ? this.passedMs() : Math.max(this.passedMs(), this.#clock.nowMs())
  }
}
