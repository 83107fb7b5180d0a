import type { Frame } from '../frames/frame-message.ts'

/** Frames of one recording that may wait here; its capture never has more than a few under way. */
const MAX_WAITING = 64
/** Counts of what was let go are kept for so many captures; the oldest is forgotten. */
const MAX_COUNTS = 1024

/**
 * Which frames are looked at next. Live: the newest of each camera, older ones are let go and counted. Complete: all, in
 * their order. Cameras take turns, so that a busy one can't keep the others waiting. Pure but for its memory, which is
 * bounded.
 */
export class FrameSelection {
  /** What waits, by camera; whose turn is next comes first. */
  readonly #queues = new Map<string, Frame[]>()
  readonly #skipped = new Map<string, number>()

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

  /** @returns how many frames were let go for it: older ones, or itself where it is late */
  add(frame: Frame): 0 | 1 {
    const { camera, monitor, pace } = frame.header
    const key = `${monitor} ${camera}`
    const queue = this.#queues.get(key)
    if (!queue) {
      this.#queues.set(key, [frame])
      return 0
    }
    if (pace === 'complete') {
      // It was sent again because it is not back yet.
      if (queue.some((waiting) => isSameFrame(waiting, frame))) return 0
      queue.push(frame)
      if (queue.length <= MAX_WAITING) return 0
      this.#skip(queue.shift()!)
    } else if (isLater(frame, queue[0]!)) {
      this.#skip(queue[0]!)
      queue[0] = frame
    } else {
      this.#skip(frame)
    }
    return 1
  }

  /** Up to `most` frames of one size, one of each camera in turn, round after round. Empty when nothing waits. */
  take(most: number): Frame[] {
    const taken: Frame[] = []
    for (let before = -1; before < taken.length && taken.length < most; ) {
      before = taken.length
      for (const [key, queue] of [...this.#queues]) {
        if (taken.length === most) break
        if (taken.length > 0 && !isSameSize(queue[0]!, taken[0]!)) continue
        taken.push(queue.shift()!)
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
