import type { NatsConnection } from '@nats-io/transport-node'
import { systemClock } from '#platform/clock/clock.ts'

/** Elections take 4 to 9 s: what is not answered for longer is no election. Milliseconds. */
const CUT_OFF_AFTER_MS = 10_000
/** Where no server answers, others are tried less and less often. Milliseconds. */
const LONGEST_INTERVAL_MS = 60_000

/**
 * A server that is cut off from the others keeps its clients, answers pings, and does nothing for them: who leads streams is
 * elsewhere. Nobody tells a client. So when nothing that needs a leader is answered for longer than an election takes, the
 * connection is made anew, with the next server.
 */
export class CutOffWatch {
  readonly #nc: Pick<NatsConnection, 'reconnect' | 'isClosed' | 'getServers'>
  readonly #monotonicMs: () => number
  readonly #onMove: () => void
  #lostSinceMs: number | undefined
  #intervalMs = CUT_OFF_AFTER_MS

  constructor(about: {
    nc: Pick<NatsConnection, 'reconnect' | 'isClosed' | 'getServers'>
    onMove?: () => void
    monotonicMs?: () => number
  }) {
    this.#nc = about.nc
    this.#monotonicMs = about.monotonicMs ?? systemClock.monotonicMs
    this.#onMove = about.onMove ?? (() => {})
  }

  /** A leader has answered, whatever. */
  answered(): void {
    this.#lostSinceMs = undefined
    this.#intervalMs = CUT_OFF_AFTER_MS
  }

  /** What a leader should have answered it has not. To be told again and again while that is so. */
  lost(): void {
    const nowMs = this.#monotonicMs()
    this.#lostSinceMs ??= nowMs
    if (nowMs - this.#lostSinceMs < this.#intervalMs) return
    this.#lostSinceMs = nowMs
    this.#intervalMs = Math.min(LONGEST_INTERVAL_MS, 2 * this.#intervalMs)
    if (this.#nc.isClosed() || this.#nc.getServers().length < 2) return
    this.#onMove()
    // While it dials there is nothing to be made anew.
    this.#nc.reconnect().catch(() => undefined)
  }

  /** There is another connection, or none: what was lost on the one before says nothing of it. */
  changed(): void {
    this.#lostSinceMs = undefined
  }
}
