import type { Clock } from '../clock/clock.ts'
import { MurmurError } from '../errors/murmur-error.ts'
import type { LogReading } from './bus.ts'
import type { LogReader } from './log-reader.ts'
import type { LogMessage } from './log-session.ts'

export interface FollowedStreamDeps {
  bus: LogReading
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>
}

export interface FollowedStreamOptions {
  stream: string
  /** Those of its subjects that are followed. */
  subject: string
  /** What stands in it, for people: `schedules`. */
  what: string
  /** @param isAnew it is the first of another stream: what was in the one before is not there */
  onMessage: (message: LogMessage, isAnew: boolean) => void
  /** Somebody else has written it: what was known of its subject still holds, and stands in the stream no more. */
  onRefused?: (message: LogMessage) => void
}

const KNOWN_TIMEOUT_MS = 5000
const POLL_INTERVAL_MS = 10

/** A stream that a process knows all of: it is read from its beginning, and on. */
export class FollowedStream {
  readonly #deps: FollowedStreamDeps
  readonly #options: FollowedStreamOptions
  #reader: LogReader | undefined
  #seq = 0
  /** There are messages whose key is missing. */
  #hasUnopened = false
  #end = () => {}

  constructor(deps: FollowedStreamDeps, options: FollowedStreamOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** Resolves when everything of now is known. @throws MurmurError UNAVAILABLE */
  async start(): Promise<void> {
    const { consumers } = this.#deps.bus
    this.#end = consumers.onKeysChanged?.(() => this.#readAgain()) ?? this.#end
    this.#read()
    await this.settled()
  }

  async stop(): Promise<void> {
    this.#end()
    await this.#reader?.stop()
  }

  #read(): void {
    const { stream, subject } = this.#options
    this.#reader = this.#deps.bus.consumers.readLog({
      stream,
      filterSubject: subject,
      fromSeq: 1,
      onMessage: (message) => this.#hear(message),
    })
  }

  #hear(message: LogMessage): void {
    const { onMessage, onRefused } = this.#options
    const isAnew = message.seq <= this.#seq
    this.#seq = message.seq
    if (message.refused !== undefined) onRefused?.(message)
    else if (message.unopened !== undefined) this.#hasUnopened = true
    else onMessage(message, isAnew)
  }

  /** All of it: the first message says that what was known is to be forgotten. */
  #readAgain(): void {
    if (!this.#hasUnopened) return
    this.#hasUnopened = false
    void this.#reader?.stop()
    this.#read()
  }

  /**
   * Resolves when everything is known that was written until now, by anybody.
   * @param subject only on this, which may hold wildcards
   * @throws MurmurError UNAVAILABLE
   */
  async settled(subject = this.#options.subject): Promise<void> {
    const { streams } = this.#deps.bus
    // Asked again: the last one may be taken away meanwhile.
    await this.#until(() => streams.lastSeq(this.#options.stream, subject))
  }

  /** Resolves when the message with this number is known. @throws MurmurError UNAVAILABLE */
  async until(seq: number): Promise<void> {
    await this.#until(async () => seq)
  }

  async #until(lastSeq: () => Promise<number>): Promise<void> {
    const { clock } = this.#deps
    const untilMs = clock.monotonicMs() + KNOWN_TIMEOUT_MS
    while (this.#seq < (await lastSeq())) {
      if (clock.monotonicMs() > untilMs)
        throw new MurmurError('UNAVAILABLE', `the stream of ${this.#options.what} does not answer`)
      await clock.sleep(POLL_INTERVAL_MS)
    }
  }
}
