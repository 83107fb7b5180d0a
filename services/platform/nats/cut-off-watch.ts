import type { NatsConnection, Server } from '@nats-io/transport-node'
import { systemClock } from '#platform/clock/clock.ts'

/** Elections take 4 to 9 s: what is not answered for longer is no election. Milliseconds. */
const CUT_OFF_AFTER_MS = 10_000
/** Where no server answers, others are tried less and less often. Milliseconds. */
const LONGEST_INTERVAL_MS = 60_000
/** What is lost now and then is no server that is cut off. Milliseconds. */
const TOGETHER_MS = 5000
/** Before others are asked whether they know a leader. Milliseconds. */
const SUSPECT_AFTER_MS = 2000
/** Between two such questions; half as long again after each that found nothing. Milliseconds. */
const ASK_AGAIN_MS = 1000

type Watched = Pick<NatsConnection, 'reconnect' | 'isClosed' | 'getServer' | 'getServers'>

/** What a leader was asked for that did not answer. */
export interface LedPlace {
  readonly stream: string
  /** It was the consumer's that was asked. */
  readonly consumer?: string
}

/** Another server through which a leader answers while none does here; undefined: there is none, or it can't be said. */
export interface LeaderElsewhere {
  mayAsk(place: LedPlace): boolean
  find(place: LedPlace): Promise<string | undefined>
}

/**
 * A server that is cut off from the others keeps its clients, answers pings, and does nothing for them: who leads streams is
 * elsewhere. Nobody tells a client. So when what a stream's leader should answer is not answered for seconds, other servers are asked;
 * where one of them knows a leader and ours does not, the connection is made anew, with that one. Where that can't be said, the next
 * one is tried after a while.
 */
export class CutOffWatch {
  readonly #monotonicMs: () => number
  readonly #onMove: () => void
  readonly #elsewhere: LeaderElsewhere | undefined
  #nc: Watched | undefined
  #lostSinceMs: number | undefined
  #lostMs = 0
  #intervalMs = CUT_OFF_AFTER_MS
  /** The server that is left, and the one that is known to be better. */
  #left: string | undefined
  #target: string | undefined
  #suspectSinceMs: number | undefined
  #suspectMs = 0
  #askAtMs = 0
  #askAgainMs = ASK_AGAIN_MS
  #isAsking = false
  #connections = 0

  constructor(
    about: {
      onMove?: (() => void) | undefined
      elsewhere?: LeaderElsewhere | undefined
      monotonicMs?: () => number
    } = {},
  ) {
    this.#monotonicMs = about.monotonicMs ?? systemClock.monotonicMs
    this.#onMove = about.onMove ?? (() => {})
    this.#elsewhere = about.elsewhere
  }

  /** To be called as soon as there is a connection. */
  follow(nc: Watched): void {
    this.#nc = nc
  }

  /** For the option `reconnectToServer`: another server than the one that is left; null: as the client likes. */
  choose(pool: readonly Server[]): Server | null {
    if (this.#left === undefined) return null
    const target = pool.find(({ listen }) => listen === this.#target)
    // Once: a target that takes no connection is not dialled for ever.
    this.#target = undefined
    return target ?? pool.find(({ listen }) => listen !== this.#left) ?? null
  }

  /** A leader has answered, whatever. One that is cut off goes on for some seconds: that says nothing against the suspicion. */
  answered(): void {
    this.#lostSinceMs = undefined
    this.#intervalMs = CUT_OFF_AFTER_MS
  }

  /**
   * What a leader should have answered it has not. To be told again and again while that is so.
   * @param place whose leader, where it is known
   */
  lost(place?: LedPlace): void {
    const nowMs = this.#monotonicMs()
    if (place && this.#elsewhere?.mayAsk(place)) this.#suspect(place, nowMs)
    if (nowMs - this.#lostMs > TOGETHER_MS) this.#lostSinceMs = undefined
    this.#lostMs = nowMs
    this.#lostSinceMs ??= nowMs
    if (nowMs - this.#lostSinceMs < this.#intervalMs) return
    this.#lostSinceMs = nowMs
    this.#intervalMs = Math.min(LONGEST_INTERVAL_MS, 2 * this.#intervalMs)
    this.#move()
  }

  /** There is another connection: what was lost on the one before says nothing of it. */
  changed(): void {
    this.#connections++
    this.#lostSinceMs = undefined
    this.#suspectSinceMs = undefined
    this.#left = undefined
    this.#target = undefined
  }

  #suspect(place: LedPlace, nowMs: number): void {
    if (nowMs - this.#suspectMs > TOGETHER_MS) {
      this.#suspectSinceMs = undefined
      this.#askAgainMs = ASK_AGAIN_MS
    }
    this.#suspectMs = nowMs
    this.#suspectSinceMs ??= nowMs
    const isDue = nowMs - this.#suspectSinceMs >= SUSPECT_AFTER_MS && nowMs >= this.#askAtMs
    if (isDue && !this.#isAsking && this.#mayMove()) void this.#ask(place)
  }

  /** Never rejects. */
  async #ask(place: LedPlace): Promise<void> {
    this.#isAsking = true
    const connection = this.#connections
    try {
      const target = await this.#elsewhere?.find(place)
      if (connection !== this.#connections) return
      if (target !== undefined) this.#move(target)
    } catch {
      // Not known: then the longer wait decides.
    } finally {
      this.#isAsking = false
      this.#askAtMs = this.#monotonicMs() + this.#askAgainMs
      this.#askAgainMs = Math.min(LONGEST_INTERVAL_MS, 1.5 * this.#askAgainMs)
    }
  }

  #mayMove(): boolean {
    const nc = this.#nc
    return nc !== undefined && !nc.isClosed() && nc.getServers().length >= 2
  }

  #move(target?: string): void {
    if (!this.#mayMove()) return
    const nc = this.#nc!
    this.#left = nc.getServer()
    this.#target = target
    this.#onMove()
    // While it dials there is nothing to be made anew.
    nc.reconnect().catch(() => undefined)
  }
}
