import type { Clock } from '#platform/clock/clock.ts'
import type { CorePublishing } from '#platform/nats/bus.ts'
import type { DetectorHeartbeat } from '#schemas/detection.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

export interface DetectorHealthDeps {
  bus: CorePublishing
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  instance: string
  /** The models that look at frames, and what runs them; `none` before the first. */
  about: () => Pick<DetectorHeartbeat, 'models' | 'provider'>
}

const INTERVAL_MS = 1000
/** As many as are told. */
const MAX_MODELS = 64
/** Seconds that the rate is made over. */
const WINDOW_S = 5

/** Says every second what a detector runs, how fast it is, and whether its network comes back. */
export class DetectorHealth {
  readonly #deps: DetectorHealthDeps
  readonly #startedAtMs: number
  /** When each batch in hand was begun, the oldest first. Monotonic milliseconds. */
  readonly #begun = new Map<object, number>()
  /** Frames of the last seconds; the first is the current one. */
  readonly #frames: number[] = [0]
  #answeredAtMs: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(deps: DetectorHealthDeps) {
    this.#deps = deps
    this.#startedAtMs = deps.clock.nowMs()
  }

  start(): void {
    this.#tell('ready')
    this.#timer = setInterval(() => {
      this.#tell('ready')
      this.#frames.unshift(0)
      if (this.#frames.length > WINDOW_S) this.#frames.pop()
    }, INTERVAL_MS)
  }

  /** Says that it stops for good. */
  stop(): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#tell('stopped')
  }

  /** A batch goes to the network. @returns to be called when that is done with it */
  begin(frames: number): (end: { isAnswered: boolean }) => void {
    const batch = {}
    this.#begun.set(batch, this.#deps.clock.monotonicMs())
    return ({ isAnswered }) => {
      this.#begun.delete(batch)
      if (!isAnswered) return
      this.#frames[0]! += frames
      this.#answeredAtMs = this.#deps.clock.nowMs()
    }
  }

  /** How long the network has worked on the oldest batch in hand. Milliseconds; 0 while there is none. */
  busyMs(): number {
    const [oldestMs] = this.#begun.values()
    return oldestMs === undefined ? 0 : Math.round(this.#deps.clock.monotonicMs() - oldestMs)
  }

  #tell(status: DetectorHeartbeat['status']): void {
    const { bus, instance, about } = this.#deps
    const { models, provider } = about()
    const fps = this.#frames.reduce((sum, frames) => sum + frames, 0) / this.#frames.length
    const beat: DetectorHeartbeat = {
      instance,
      models: models.slice(0, MAX_MODELS),
      provider,
      fps: Math.round(fps * 10) / 10,
      ...(this.#answeredAtMs !== undefined && { answeredAtMs: this.#answeredAtMs }),
      busyMs: this.busyMs(),
      status,
      startedAtMs: this.#startedAtMs,
    }
    bus.publishCore(SUBJECTS.detectorHeartbeat(instance), JSON.stringify(beat))
  }
}
