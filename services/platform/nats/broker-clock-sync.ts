import type { BrokerClock } from '#platform/clock/broker-clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Log } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Streams } from './streams.ts'

const POLL_INTERVAL_MS = 30_000
/** Doubts come with every message. */
const MIN_POLL_INTERVAL_MS = 1000
const SKEW_POLL_INTERVAL_MS = 5000
/** A machine that is set by the network is off by milliseconds. */
const SKEW_WARNING_MS = 1000

export interface BrokerClockSyncDeps {
  clock: BrokerClock
  /** The broker's time, from the broker; undefined when it does not tell. */
  ask(): Promise<number | undefined>
  onTrouble: (error: unknown) => void
}

/** Keeps the estimate of the broker's time by asking the broker: at the start, twice a minute, and whenever there is a reason to. */
export class BrokerClockSync {
  readonly #deps: BrokerClockSyncDeps
  readonly #timer: NodeJS.Timeout
  #asking: Promise<void> | undefined
  #askedMs = Number.NEGATIVE_INFINITY

  constructor(deps: BrokerClockSyncDeps) {
    this.#deps = deps
    deps.clock.onDoubt(() => {
      if (deps.clock.monotonicMs() - this.#askedMs > MIN_POLL_INTERVAL_MS) void this.askNow()
    })
    this.#timer = setInterval(() => void this.askNow(), POLL_INTERVAL_MS)
    this.#timer.unref()
  }

  /** Resolves when the broker has answered, or could not. Never rejects. */
  askNow(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #ask(): Promise<void> {
    const { clock, ask, onTrouble } = this.#deps
    const askedMs = clock.monotonicMs()
    this.#askedMs = askedMs
    try {
      const brokerMs = await ask()
      if (brokerMs === undefined) throw new Error('the server does not tell its time: it is older than 2.10')
      clock.observe({ brokerMs, askedMs, answeredMs: clock.monotonicMs() })
    } catch (error) {
      onTrouble(error)
    }
  }
}

/** What of a bus is needed to keep the broker's time. */
export interface ClockedBus {
  readonly brokerClock: BrokerClock
  readonly streams: Pick<Streams, 'brokerTime'>
  onReconnect(listener: () => void): () => void
}

/**
 * Keeps the broker's time of a bus by asking about a stream, at once after each reconnect: for those who may ask that. Resolves after
 * the first answer; without one, the machine's own time has to do, and the log says so.
 * @returns a function that ends it
 */
export async function keepBrokerClock(
  bus: ClockedBus,
  { stream, log }: { stream: string; log: Log },
): Promise<() => void> {
  const sync = new BrokerClockSync({
    clock: bus.brokerClock,
    ask: () => bus.streams.brokerTime(stream),
    onTrouble: (error) => {
      const goesBy = bus.brokerClock.isKnown
        ? 'what is known of it goes on to hold'
        : 'this machine has to do'
      log.warn({ reason: messageOf(error) }, `the broker's time could not be asked: ${goesBy}`)
    },
  })
  const forget = bus.onReconnect(() => void sync.askNow())
  await sync.askNow()
  return () => {
    sync.stop()
    forget()
  }
}

/** Gives an answer on, and learns from it what time it is, where an orchestrator has put that into it. */
export async function observeAnswer(clock: BrokerClock, answer: Promise<unknown>): Promise<unknown> {
  const askedMs = clock.monotonicMs()
  const reply = await answer
  if (typeof reply === 'object' && reply !== null && 'brokerNowMs' in reply) {
    const { brokerNowMs: brokerMs } = reply
    if (typeof brokerMs === 'number') clock.observe({ brokerMs, askedMs, answeredMs: clock.monotonicMs() })
  }
  return reply
}

/** Hands messages of a stream on, and learns from when they were stored. */
export function observeStored<M extends { storedAtMs: number }>(
  clock: BrokerClock,
  onMessage: (message: M) => void,
): (message: M) => void {
  return (message) => {
    clock.atLeast(message.storedAtMs)
    onMessage(message)
  }
}

/**
 * Shows how far this machine's clock is from the broker's, and warns when that is far: once, until it is another.
 * @returns a function that ends it
 */
export function watchClockSkew(
  clock: { readonly skewMs: number },
  { log, metrics }: { log: Log; metrics: Metrics },
): () => void {
  let warnedMs = 0
  metrics.onScrape(() =>
    metrics
      .gauge('murmur_clock_skew_seconds')
      .labels()
      .set(clock.skewMs / 1000),
  )
  const poll = () => {
    const { skewMs } = clock
    if (Math.abs(skewMs - warnedMs) < SKEW_WARNING_MS) return
    warnedMs = Math.abs(skewMs) < SKEW_WARNING_MS ? 0 : skewMs
    const skewSeconds = Math.round(skewMs / 100) / 10
    if (warnedMs === 0) log.info({ skewSeconds }, "this machine's clock is right again")
    else
      log.warn(
        { skewSeconds },
        "this machine's clock differs from the broker's: decisions go by the broker's, log lines and traces by this one; let NTP set it",
      )
  }
  const timer = setInterval(poll, SKEW_POLL_INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}
