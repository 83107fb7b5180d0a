import type { JetStreamManager } from '@nats-io/jetstream'
import { framesConsumer } from '#subjects/streams.ts'
import type { Consumers } from './consumers.ts'
import type { Puller } from './puller.ts'
import { provisionFrames } from './topology.ts'

/** The stream of frames, which all detectors share. */
export class Frames {
  readonly #jsm: JetStreamManager
  readonly #consumers: Pick<Consumers, 'createPuller'>

  constructor(jsm: JetStreamManager, consumers: Pick<Consumers, 'createPuller'>) {
    this.#jsm = jsm
    this.#consumers = consumers
  }

  /** Makes the stream and the consumer of a model: for an orchestrator, which does it for those who may not. */
  provision(model?: string): Promise<void> {
    return provisionFrames(this.#jsm, model)
  }

  /** Takes frames as they come, the newest few: those for a model, or those that name none. */
  createFeed(model?: string): FrameFeed {
    return new FrameFeed(this.#consumers, model)
  }
}

/** What one request brought: the messages, oldest first, and whether the stream or its consumer is gone. */
export interface FrameBatch {
  frames: Uint8Array[]
  lost: boolean
}

/** Of frames that came after their pull had been given up. */
const MAX_LATE = 64

/**
 * Takes frames from the stream that all detectors share. Whoever is free asks: first for all that is there, and when that
 * is nothing, for the next one. Nothing is fetched ahead, so no frame grows old in the hands of one detector while another
 * is idle. One request at a time.
 */
export class FrameFeed {
  readonly #puller: Puller
  /** Also those that came after their pull had been given up, as on a machine that is very busy: they are as good as any. */
  #frames: Uint8Array[] = []
  #isPulling = false
  /** So many waited in the stream when the last one came. */
  #waiting = 1

  constructor(consumers: Pick<Consumers, 'createPuller'>, model?: string) {
    const { stream, name } = framesConsumer(model)
    this.#puller = consumers.createPuller({ stream, consumer: name }, ({ data, waiting }) => {
      this.#waiting = waiting
      if (this.#isPulling || this.#frames.length < MAX_LATE) this.#frames.push(data)
    })
  }

  /**
   * Frames that wait, up to `maxFrames`, or one of them; when none does, the next one that comes within `waitMs` (0: none). Never rejects.
   * @throws Error when a request is open already
   */
  async next({ maxFrames, waitMs }: { maxFrames: number; waitMs: number }): Promise<FrameBatch> {
    if (!this.#isPulling && this.#frames.length > 0) return { frames: this.#frames.splice(0), lost: false }
    // Where nothing was behind the last one, this one has to be waited for, most likely: one request for each frame instead of two.
    if (this.#waiting > 0 || waitMs === 0) {
      const waiting = await this.#pull({ batch: maxFrames })
      if (waiting.lost || waiting.frames.length > 0 || waitMs === 0) return waiting
    }
    return this.#pull({ batch: 1, expiresMs: waitMs })
  }

  async #pull(options: { batch: number; expiresMs?: number }): Promise<FrameBatch> {
    const pull = this.#puller.pull(options)
    this.#isPulling = true
    const end = await pull
    this.#isPulling = false
    return { frames: this.#frames.splice(0), lost: end === 'lost' }
  }
}
