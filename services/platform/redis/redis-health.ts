import type { Clock } from '../clock/clock.ts'
import { messageOf } from '../errors/murmur-error.ts'
import { isNotNow, isReply, TIMED_OUT } from './store-error.ts'

const PING_INTERVAL_MS = 500
/** No answer for so long: whoever needs the server is better asked elsewhere. */
const SILENT_MS = 2000
/** One timed-out command may be a slow one. */
const TIMEOUTS_IN_A_ROW = 2

export interface RedisHealthDeps {
  /** A round trip, on wish one that writes; rejects when it takes too long. */
  ping(about: { write: boolean }): Promise<unknown>
  isConnected(): boolean
  /** Ends the connection, so that another one is made. */
  giveUp(): void
  /** How long a refusal holds at least: where it may be another server that answers next. Milliseconds. */
  refusingMs(): number
  clock: Pick<Clock, 'monotonicMs'>
}

/**
 * Whether Redis serves, by what really comes back from it: a connection may look well long after the other end has gone. It asks by
 * itself twice a second, learns from every other command, and gives a connection up that does not answer.
 */
export class RedisHealth {
  readonly #deps: RedisHealthDeps
  readonly #timer: NodeJS.Timeout
  readonly #listeners: ((isServing: boolean) => void)[] = []
  #heardMs: number
  #asking = false
  #timeouts = 0
  #isServing = false
  #isRefusing = false
  #refusedMs = 0

  constructor(deps: RedisHealthDeps) {
    this.#deps = deps
    this.#heardMs = deps.clock.monotonicMs()
    this.#timer = setInterval(() => this.#beat(), PING_INTERVAL_MS)
    this.#timer.unref()
  }

  get isServing(): boolean {
    return this.#isServing
  }

  /** It answers, and yet could not do what it was asked: it is full, loading, or a replica. */
  get isRefusing(): boolean {
    return this.#isRefusing
  }

  onServing(listener: (isServing: boolean) => void): void {
    this.#listeners.push(listener)
  }

  /** An answer has come. */
  heard(): void {
    this.#heardMs = this.#deps.clock.monotonicMs()
    this.#timeouts = 0
    if (!this.#isServing) this.#notify(true)
  }

  /** A command has failed. */
  failed(error: unknown): void {
    if (isNotNow(error)) {
      this.#isRefusing = true
      this.#refusedMs = this.#deps.clock.monotonicMs()
    }
    if (isReply(error)) this.#timeouts = 0
    else if (messageOf(error) === TIMED_OUT && ++this.#timeouts >= TIMEOUTS_IN_A_ROW) this.#giveUp()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#listeners.length = 0
  }

  #beat(): void {
    if (!this.#asking && this.#deps.isConnected()) void this.#ask()
    // After what has come in already: a process that was busy itself has no reason to complain of silence.
    setImmediate(() => {
      if (this.#isServing && this.#deps.clock.monotonicMs() - this.#heardMs > SILENT_MS) this.#notify(false)
    })
  }

  async #ask(): Promise<void> {
    this.#asking = true
    try {
      // What refuses writes may well answer questions.
      await this.#deps.ping({ write: this.#isRefusing })
      const { refusingMs, clock } = this.#deps
      if (clock.monotonicMs() - this.#refusedMs >= refusingMs()) this.#isRefusing = false
      this.heard()
    } catch (error) {
      if (isReply(error)) this.heard()
      else if (messageOf(error) === TIMED_OUT) this.#giveUp()
    } finally {
      this.#asking = false
    }
  }

  #giveUp(): void {
    this.#timeouts = 0
    // Said before the connection is gone: who looks at both must never see one that still takes requests.
    if (this.#isServing) this.#notify(false)
    if (this.#deps.isConnected()) this.#deps.giveUp()
  }

  #notify(isServing: boolean): void {
    this.#isServing = isServing
    for (const listener of this.#listeners) listener(isServing)
  }
}
