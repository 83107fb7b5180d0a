import type { Frame } from '../frames/frame-message.ts'

/** So often a network may fail at a frame that is sent again. */
const MAX_FAILURES = 3
/** Frames that are remembered; the oldest is forgotten. */
const MAX_FRAMES = 256

/** Frames at which the network has failed. Those of a reading that loses none are sent again, until they are given up here. */
export class FrameFailures {
  readonly #counts = new Map<string, number>()

  /** Counts a failure. @returns whether the frame is to be given up, as none of a live camera has to be: those don't come again */
  isLast({ header: { monitor, epoch, seq, pace } }: Frame): boolean {
    if (pace !== 'complete') return false
    const key = `${monitor} ${epoch} ${seq}`
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.delete(key)
    if (count >= MAX_FAILURES) return true
    this.#counts.set(key, count)
    if (this.#counts.size > MAX_FRAMES) this.#counts.delete(this.#counts.keys().next().value!)
    return false
  }
}
