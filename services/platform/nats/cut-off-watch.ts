import type { NatsConnection, Server } from '@nats-io/transport-node'
import { systemClock } from '#platform/clock/clock.ts'

/** Elections take 4 to 9 s: what is not answered for longer is no election. Milliseconds. */
const CUT_OFF_AFTER_MS = 10_000
/** Where no server answers, others are tried less and less often. Milliseconds. */
const LONGEST_INTERVAL_MS = 60_000
/** What is lost now and then is no server that is cut off. Milliseconds. */
const TOGETHER_MS = 5000

type Watched = Pick<NatsConnection, 'reconnect' | 'isClosed' | 'getServer' | 'getServers'>

/**
 * A server that is cut off from the others keeps its clients, answers pings, and does nothing for them: who leads streams is
 * elsewhere. Nobody tells a client. So when nothing that needs a leader is answered for longer than an election takes, the
 * connection is made anew, with another server.
 */
export class CutOffWatch {
  readonly #monotonicMs: () => number
  readonly #onMove: () => void
  #nc: Watched | undefined
  #lostSinceMs: number | undefined
  #lostMs = 0
  #intervalMs = CUT_OFF_AFTER_MS
  /** The server that is left. */
  #left: string | undefined

  constructor(about: { onMove?: (() => void) | undefined; monotonicMs?: () => number } = {}) {
    this.#monotonicMs = about.monotonicMs ?? systemClock.monotonicMs
    this.#onMove = about.onMove ?? (() => {})
  }

  /** To be called as soon as there is a connection. */
  follow(nc: Watched): void {
    this.#nc = nc
  }

  /** For the option `reconnectToServer`: another server than the one that is left; null: as the client likes. */
  choose(pool: readonly Server[]): Server | null {
    if (this.#left === undefined) return null
    return pool.find(({ listen }) => listen !== this.#left) ?? null
  }

  /** A leader has answered, whatever. */
  answered(): void {
    this.#lostSinceMs = undefined
    this.#intervalMs = CUT_OFF_AFTER_MS
  }

  /** What a leader should have answered it has not. To be told again and again while that is so. */
  lost(): void {
    const nowMs = this.#monotonicMs()
    if (nowMs - this.#lostMs > TOGETHER_MS) this.#lostSinceMs = undefined
    this.#lostMs = nowMs
    this.#lostSinceMs ??= nowMs
    if (nowMs - this.#lostSinceMs < this.#intervalMs) return
    this.#lostSinceMs = nowMs
    this.#intervalMs = Math.min(LONGEST_INTERVAL_MS, 2 * this.#intervalMs)
    const nc = this.#nc
    if (!nc || nc.isClosed() || nc.getServers().length < 2) return
    this.#left = nc.getServer()
    this.#onMove()
    // While it dials there is nothing to be made anew.
    nc.reconnect().catch(() => undefined)
  }

  /** There is another connection: what was lost on the one before says nothing of it. */
  changed(): void {
    this.#lostSinceMs = undefined
    this.#left = undefined
  }
}
