import { type NatsConnection, TimeoutError } from '@nats-io/transport-node'
import { systemClock } from '#platform/clock/clock.ts'
import { apiErrorOf, isFull, mayPass } from './api-error.ts'
import { ConnectionLost, isWithoutResponder, renew } from './live-connection.ts'

/** A question that was lost with its connection, or that a busy machine did not get to, is asked again. */
const MAX_TRIES = 3
/** A stream without a leader has one again within 4 to 9 s. Milliseconds. */
const LEADER_WAIT_MS = 15_000
const LEADER_RETRY_MS = 200

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

  /** The same for what only the leader of a stream does, which there is one of again soon. @throws what the last try throws */
  async untilLed<T>(attempt: () => Promise<T>): Promise<T> {
    const untilMs = systemClock.monotonicMs() + LEADER_WAIT_MS
    for (;;) {
      try {
        return await this.untilAnswered(attempt)
      } catch (error) {
        if (!isLeaderless(error) || systemClock.monotonicMs() > untilMs) throw error
        await systemClock.sleep(LEADER_RETRY_MS)
      }
    }
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

function isLeaderless(error: unknown): boolean {
  if (isWithoutResponder(error)) return true
  const refusal = apiErrorOf(error)
  return refusal !== undefined && mayPass(refusal) && !isFull(refusal)
}
