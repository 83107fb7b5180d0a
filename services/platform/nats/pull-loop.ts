import { type Clock, systemClock } from '#platform/clock/clock.ts'
import type { Puller } from './puller.ts'

export interface PullLoopOptions {
  /** Messages that may come now. With none, nothing is asked for until `untilRoom` resolves. */
  room(): number
  /** Resolves when there may be room again, and at the latest soon after the signal was aborted. */
  untilRoom(signal: AbortSignal): Promise<unknown>
  /** How long one pull waits for messages. */
  expiresMs: number
  /** Called when the way to the queue was lost, so that it can be made again. */
  onLost?: () => Promise<void>
  clock?: Pick<Clock, 'sleep'>
}

/** Before the next pull, after the server or the way to it was lost. */
export const AFTER_LOSS_MS = 200

/** Pulls from a durable consumer one time after the other, for as many messages as there is room for. */
export class PullLoop {
  readonly #puller: Pick<Puller, 'pull' | 'abandon'>
  readonly #options: PullLoopOptions
  readonly #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(puller: Pick<Puller, 'pull' | 'abandon'>, options: PullLoopOptions) {
    this.#puller = puller
    this.#options = options
  }

  get stopped(): boolean {
    return this.#stopping.signal.aborted
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Asks for nothing more. Resolves when no pull is open; what is still on its way may come all the same. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#puller.abandon()
    await this.#running
  }

  async #run(): Promise<void> {
    const { room, untilRoom, expiresMs, onLost, clock = systemClock } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const batch = room()
      if (batch <= 0) {
        await untilRoom(signal)
        continue
      }
      const end = await this.#puller.pull({ batch, expiresMs })
      if (end !== 'lost' || signal.aborted) continue
      await onLost?.()
      await clock.sleep(AFTER_LOSS_MS, signal)
    }
  }
}
