import type { Clock } from '#platform/clock/clock.ts'
import type { Frame } from '../frames/frame-message.ts'

/**
 * A frame of a camera waits for its turn so long at most when a newer one is there: what comes in a burst is looked at in order, and what is
 * too much is let go before it grows old. Milliseconds, and frames of one camera.
 */
export const LIVE_WAIT = { ms: 150, frames: 3 } as const
/** Frames of one recording that may wait here; its capture never has more than a few under way. */
const MAX_WAITING = 64
/** Counts of what was let go are kept for so many captures; the oldest is forgotten. */
const MAX_COUNTS = 1024

interface Waiting {
  frame: Frame
  sinceMs: number
}

/**
 * Which frames are looked at next. Live: those of each camera that have only just come, and always the newest; older ones are let go and
 * counted. Complete: all, in their order. Cameras take turns, so that a busy one can't keep the others waiting. Pure but for its memory, which is
 * bounded.
 */
export class FrameSelection {
  /** What waits, by camera; whose turn is next comes first. */
  readonly #queues = new Map<string, Waiting[]>()
  readonly #monotonicMs: () => number
  readonly #onSkipped: () => void
  readonly #skipped = new Map<string, number>()

  /** @param onSkipped called for each frame that is let go */
  constructor({ monotonicMs }: Pick<Clock, 'monotonicMs'>, onSkipped: () => void = () => undefined) {
    this.#monotonicMs = monotonicMs
    this.#onSkipped = onSkipped
  }

  /** Cameras that have something waiting. */
  get size(): number {
    return this.#queues.size
  }

  /** Frames that wait, of all cameras. */
  get waiting(): number {
    let waiting = 0
    for (const queue of this.#queues.values()) waiting += queue.length
    return waiting
  }

  /** Older ones may be let go for it, or it is itself where it is late. */
  add(frame: Frame): void {
    const { camera, monitor, pace } = frame.header
    const key = `${monitor} ${camera}`
    const waiting: Waiting = { frame, sinceMs: this.#monotonicMs() }
    const queue = this.#queues.get(key)
    if (!queue) {
      this.#queues.set(key, [waiting])
      return
    }
    if (pace === 'complete') {
      // It was sent again because it is not back yet.
      if (queue.some((other) => isSameFrame(other.frame, frame))) return
      queue.push(waiting)
      if (queue.length > MAX_WAITING) this.#skip(queue.shift()!.frame)
      return
    }
    const newest = queue.at(-1)!.frame
    if (!isLater(frame, newest)) {
      this.#skip(frame)
      return
    }
    // Of a capture that was replaced nothing is wanted any more.
    if (newest.header.epoch !== frame.header.epoch)
      for (const before of queue.splice(0)) this.#skip(before.frame)
    queue.push(waiting)
    this.#letGo(queue)
  }

  /** Live frames that have waited for too long, as long as there is a newer one. */
  #letGo(queue: Waiting[]): void {
    const oldestMs = this.#monotonicMs() - LIVE_WAIT.ms
    while (queue.length > 1 && (queue.length > LIVE_WAIT.frames || queue[0]!.sinceMs < oldestMs))
      this.#skip(queue.shift()!.frame)
  }

  /** Up to `most` frames of one size, one of each camera in turn, round after round. Empty when nothing waits. */
  take(most: number): Frame[] {
    const taken: Frame[] = []
    for (let before = -1; before < taken.length && taken.length < most; ) {
      before = taken.length
      for (const [key, queue] of [...this.#queues]) {
        if (taken.length === most) break
        if (queue[0]!.frame.header.pace === 'live') this.#letGo(queue)
        const { frame } = queue[0]!
        if (taken.length > 0 && !isSameSize(frame, taken[0]!)) continue
        taken.push(frame)
        queue.shift()
        // To the end of the line, if it wants more.
        this.#queues.delete(key)
        if (queue.length > 0) this.#queues.set(key, queue)
      }
    }
    return taken
  }

  /** Frames of the same capture that were let go so far. */
  skippedOf(frame: Frame): number {
    return this.#skipped.get(captureOf(frame)) ?? 0
  }

  #skip(frame: Frame): void {
    this.#onSkipped()
    const key = captureOf(frame)
    this.#skipped.set(key, (this.#skipped.get(key) ?? 0) + 1)
    if (this.#skipped.size > MAX_COUNTS) this.#skipped.delete(this.#skipped.keys().next().value!)
  }
}

function captureOf({ header }: Frame): string {
  return `${header.monitor} ${header.epoch}`
}

function isSameFrame({ header }: Frame, other: Frame): boolean {
  return header.epoch === other.header.epoch && header.seq === other.header.seq
}

function isLater({ header }: Frame, than: Frame): boolean {
  return (
    header.epoch > than.header.epoch || (header.epoch === than.header.epoch && header.seq > than.header.seq)
  )
}

function isSameSize(a: Frame, b: Frame): boolean {
  return a.header.width === b.header.width && a.header.height === b.header.height
}
