import { type NatsConnection, TimeoutError } from '@nats-io/transport-node'
import { ConnectionLost, renew } from './live-connection.ts'

/** A question that was lost with its connection, or that a busy machine did not get to, is asked again. */
const MAX_TRIES = 3

/** Asks again what got no answer, and makes the connection anew when nothing at all comes over it. */
export class RepeatedRequests {
  readonly #nc: NatsConnection
  readonly #timeoutMs: number
  #renewing: Promise<void> | undefined

  /** @param timeoutMs how long an attempt waits for its answer, and a new connection for its server */
  constructor(nc: NatsConnection, timeoutMs: number) {
    this.#nc = nc
    this.#timeoutMs = timeoutMs
  }

  /** @throws what the last try throws */
  async untilAnswered<T>(attempt: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const { inBytes } = this.#nc.stats()
      try {
        return await attempt()
      } catch (error) {
        const isLost = error instanceof ConnectionLost
        if (!(isLost || error instanceof TimeoutError) || tries === MAX_TRIES) throw error
        // Nothing at all came meanwhile: the other side is gone without a word, and pings would find out much later.
        if (!isLost && this.#nc.stats().inBytes === inBytes) await this.#renew()
      }
    }
  }

  /** Once for all that wait for it. */
  #renew(): Promise<void> {
    this.#renewing ??= renew(this.#nc, this.#timeoutMs)
      // Not there yet: what is asked next finds out.
      .catch(() => undefined)
      .finally(() => {
        this.#renewing = undefined
      })
    return this.#renewing
  }
}
