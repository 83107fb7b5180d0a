import type { BrokerClock } from '#platform/clock/broker-clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Bus } from './bus.ts'
import type { Streams } from './streams.ts'

const POLL_INTERVAL_MS = 30_000
/** Doubts come with every message. */
const NOT_AGAIN_MS = 1000

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
      if (deps.clock.monotonicMs() - this.#askedMs > NOT_AGAIN_MS) void this.askNow()
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

/**
 * Keeps the broker's time of a bus by asking about a stream, at once after each reconnect: for those who may ask that. Resolves after
 * the first answer; without one, the machine's own time has to do, and the log says so.
 * @returns a function that ends it
 */
export async function keepBrokerClock(
  bus: Pick<Bus, 'brokerClock' | 'onReconnect'> & { streams: Pick<Streams, 'brokerTime'> },
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
