import { deferred, withTimeout } from '#platform/clock/promises.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import {
  findBreak,
  isSameTime,
  type LogBreak,
  type LogPlace,
  storedMessage,
  streamFacts,
} from './log-place.ts'
import { type LogMessage, LogSession, type LogSessionDeps } from './log-session.ts'

export type { LogMessage } from './log-session.ts'

export interface LogReader {
  /** Ends it; no message is handed over after this. */
  stop(): Promise<void>
}

export interface LogReaderOptions {
  stream: string
  filterSubject: string
  /** First sequence number wanted. */
  fromSeq: number
  onMessage: (message: LogMessage) => void
  /** Told when reading was interrupted; it goes on by itself. */
  onTrouble?: (what: string) => void
}

export interface LogFollowerOptions extends LogReaderOptions {
  /** Where the reader stood before, when it did: another log than that is not read. */
  after?: LogPlace
  /** Messages that may be handed over now; `more` says that there is room again. Without it: any number. */
  room?: () => number
  /** Told each time that reading stood still and was begun again. */
  onRestart?: (why: string) => void
  /** The log is another one than was read so far; nothing more is handed over. Without it: reads the other from its start. */
  onBreak?: (how: LogBreak) => void
  /** Between two looks at the end of the log. Milliseconds. */
  pollIntervalMs?: number
}

const RESTART_DELAY_MS = 50
const LONGEST_RESTART_DELAY_MS = 1000
const POLL_INTERVAL_MS = 10_000

/**
 * Reads a part of a stream in order and without gaps, from a sequence number on, for ever. Each connection gets a
 * consumer of its own that begins behind what was read last: what a server says of an old one after a reconnect can be
 * wrong. Whether the end of the log is reached is asked for apart from it, again and again, and so is whether it still is
 * the same log.
 */
export class LogFollower implements LogReader {
  readonly #deps: LogSessionDeps & { connected: () => boolean }
  readonly #options: LogFollowerOptions
  /** Resolves when it has ended. */
  readonly done: Promise<void>
  #place: LogPlace | undefined
  #nextSeq: number
  #stopped = false
  #session: LogSession | undefined
  /** Settles when the connection has changed, or it is over: whoever waits for an answer need not any more. */
  #turn = deferred<void>()
  #polledSeq = -1
  #isPolling = false
  #knownUnread = 0

  constructor(deps: LogSessionDeps & { connected: () => boolean }, options: LogFollowerOptions) {
    this.#deps = deps
    this.#options = options
    this.#place = options.after
    this.#nextSeq = options.fromSeq
    const watch = setInterval(() => void this.#poll(), options.pollIntervalMs ?? POLL_INTERVAL_MS)
    this.done = this.#run().finally(() => clearInterval(watch))
  }

  /** Messages that are known to lie in the log and have not been handed over. */
  get unread(): number {
    return Math.max(this.#session?.unread ?? 0, this.#knownUnread)
  }

  /** Has a consumer of its own on this connection: what is stored from here on is handed over as it comes. */
  get isReading(): boolean {
    return this.#session?.isReading ?? false
  }

  /** There is room for messages again. */
  more(): void {
    this.#session?.more()
  }

  /** To be called when the connection breaks, and when it is there again. */
  onConnection(): void {
    this.#session?.end('the connection has gone')
    this.#turnOver()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#session?.end('stopped')
    this.#turnOver()
    await this.done
  }

  async #run(): Promise<void> {
    let delayMs = RESTART_DELAY_MS
    while (!this.#stopped) {
      const turn = this.#turn.promise
      if (!this.#deps.connected()) {
        await turn
        continue
      }
      const seq = this.#nextSeq
      try {
        const why = await this.#readOnce()
        if (!this.#stopped) this.#options.onTrouble?.(why)
      } catch (error) {
        this.#deps.watch?.lost({ stream: this.#options.stream })
        if (!this.#stopped) this.#options.onTrouble?.(messageOf(error))
      }
      delayMs = this.#nextSeq > seq ? RESTART_DELAY_MS : Math.min(2 * delayMs, LONGEST_RESTART_DELAY_MS)
      if (!this.#stopped) await withTimeout(turn, delayMs)
    }
  }

  /** @returns why it is over */
  async #readOnce(): Promise<string> {
    const { stream, filterSubject, room = () => Number.POSITIVE_INFINITY } = this.#options
    if (!(await this.#untilTurn(this.#isSameLog()))) return 'the log is another one'
    const session = new LogSession(this.#deps, {
      stream,
      filterSubject,
      fromSeq: this.#nextSeq,
      room,
      onMessage: (message) => this.#deliver(message),
    })
    this.#session = session
    if (this.#stopped) session.end('stopped')
    try {
      await this.#untilTurn(session.start())
      return await session.ended
    } finally {
      session.end('over')
    }
  }

  #deliver(message: LogMessage): void {
    if (this.#stopped || message.seq < this.#nextSeq) return
    this.#nextSeq = message.seq + 1
    this.#knownUnread = 0
    if (this.#place) {
      this.#place.seq = message.seq
      this.#place.storedAtMs = message.storedAtMs
    }
    this.#options.onMessage(message)
  }

  async #isSameLog(): Promise<boolean> {
    const { stream } = this.#options
    const { jsm } = this.#deps
    if (!this.#place) {
      this.#place = { stream: (await streamFacts(jsm, stream)).created, seq: 0, storedAtMs: 0 }
      return true
    }
    const how = await findBreak(jsm, stream, { ...this.#place })
    if (how) this.#broken(how)
    return how === undefined
  }

  #broken(how: LogBreak): void {
    if (this.#stopped) return
    if (this.#options.onBreak) {
      this.#stopped = true
      this.#options.onBreak(how)
    } else {
      this.#place = undefined
      this.#nextSeq = 1
    }
    this.#session?.end(`the log is another one: ${how}`)
    this.#turnOver()
  }

  /** Compares where we are with where the log ends. Only when nothing has come since the last look: else all is well. */
  async #poll(): Promise<void> {
    const seq = this.#nextSeq
    const before = this.#polledSeq
    this.#polledSeq = seq
    const session = this.#session
    if (before !== seq || !session || this.#stopped || !this.#deps.connected() || this.#isPolling) return
    const { stream, filterSubject, room } = this.#options
    this.#isPolling = true
    try {
      const last = await storedMessage(this.#deps.jsm, stream, { last_by_subj: filterSubject })
      if (this.#nextSeq !== seq || this.#session !== session || this.#stopped) return
      const lastSeq = last?.seq ?? 0
      if (lastSeq >= seq) {
        const standsStill = this.#knownUnread > 0 && (room?.() ?? 1) > 0
        this.#knownUnread = Math.max(1, session.unread)
        if (!standsStill || !session.isReading) return
        this.#options.onRestart?.(`nothing came, and the log goes on to ${lastSeq} from ${seq}`)
        session.end('stood still')
      } else if (this.#mayBeOther(lastSeq, last?.time.getTime() ?? 0)) await this.#isSameLog()
    } catch {
      // Nobody answers, or the stream is not there: the session notices by itself.
    } finally {
      this.#isPolling = false
    }
  }

  #mayBeOther(lastSeq: number, storedAtMs: number): boolean {
    const place = this.#place
    if (!place || place.seq === 0) return false
    return lastSeq < place.seq || (lastSeq === place.seq && !isSameTime(storedAtMs, place.storedAtMs))
  }

  #turnOver(): void {
    const { resolve } = this.#turn
    this.#turn = deferred<void>()
    resolve()
  }

  /** @throws Error when the connection changes before the answer is here */
  #untilTurn<T>(call: Promise<T>): Promise<T> {
    // When the turn comes first, nobody is left who waits for the call.
    call.catch(() => undefined)
    const over = this.#turn.promise.then((): never => {
      throw new Error('the connection has changed')
    })
    over.catch(() => undefined)
    return Promise.race([call, over])
  }
}
