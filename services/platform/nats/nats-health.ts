import type { NatsConnection } from '@nats-io/transport-node'
import type { Clock } from '../clock/clock.ts'
import { TIMED_OUT, withTimeout } from '../clock/promises.ts'

const POLL_INTERVAL_MS = 1000
const SILENT_MS = 3000

/** Whether the server at the other end answers, by round trips: a connection may look well long after the other end has gone. */
export class NatsHealth {
  readonly #nc: Pick<NatsConnection, 'flush' | 'isClosed'>
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #timer: NodeJS.Timeout
  #heardMs: number
  #asking = false

  constructor(nc: Pick<NatsConnection, 'flush' | 'isClosed'>, clock: Pick<Clock, 'monotonicMs'>) {
    this.#nc = nc
    this.#clock = clock
    // It is made of a connection that has just answered.
    this.#heardMs = clock.monotonicMs()
    this.#timer = setInterval(() => void this.#ask(), POLL_INTERVAL_MS)
    this.#timer.unref()
  }

  /** It has within the last three seconds. */
  get answers(): boolean {
    return this.#clock.monotonicMs() - this.#heardMs < SILENT_MS
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #ask(): Promise<void> {
    if (this.#asking || this.#nc.isClosed()) return
    this.#asking = true
    try {
      await this.#nc.flush()
      this.#heardMs = this.#clock.monotonicMs()
    } catch {
      // Closed, or cut off: the next one tells.
    } finally {
      this.#asking = false
    }
  }
}

/** Resolves when everything sent so far has reached the server (true), or the time is up. @throws when the connection is cut */
export async function flushOrTimeout(nc: NatsConnection, timeoutMs: number): Promise<boolean> {
  return (await withTimeout(nc.flush(), timeoutMs)) !== TIMED_OUT
}
