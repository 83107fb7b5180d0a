import type { Detections } from '#schemas/detection.ts'
import type { FrameOrder } from './frame-sequence.ts'

/** Frames of a reading that are under way at most; what is so far behind another one does not come any more. */
const WINDOW = 8
/** More never wait: captures of other versions could have more under way. */
const MAX_WAITING = 64

/** What a frame brings: those whose turn it is, in their order, and whether this one had been used before. */
export interface Turn {
  ready: Detections[]
  isRepeated: boolean
}

/**
 * The frames of a reading that loses none, put into their order: detectors work side by side, and what is lost on the way is sent again.
 * A gap is waited for until its capture says that it never comes. Pure but for its memory, which is bounded.
 */
export class CompleteFrames {
  #epoch = 0
  /** The number of the frame whose turn it is. */
  #next = 1
  readonly #waiting = new Map<number, Detections>()

  /** @param order how far the monitor is */
  take(seen: Detections, order: Pick<FrameOrder, 'epoch' | 'seq'>): Turn {
    const { epoch, seq } = seen
    if (epoch < Math.max(this.#epoch, order.epoch)) return { ready: [], isRepeated: false }
    if (epoch > this.#epoch) {
      this.#epoch = epoch
      this.#waiting.clear()
      this.#next = 1
    }
    if (epoch === order.epoch) this.#next = Math.max(this.#next, order.seq + 1)
    if (seq < this.#next) return { ready: [], isRepeated: true }
    // A detector of before does not tell what its capture says: one that comes again shows that what is missing is not sent.
    const wasThere = this.#waiting.has(seq)
    const told = seen.oldest ?? (wasThere ? Math.min(...this.#waiting.keys()) : 1)
    this.#waiting.set(seq, seen)
    return { ready: this.#inTurn(Math.max(told, seq - WINDOW + 1)), isRepeated: false }
  }

  #inTurn(settled: number): Detections[] {
    const ready: Detections[] = []
    while (this.#waiting.size > 0) {
      const next = this.#waiting.get(this.#next)
      if (next) {
        this.#waiting.delete(this.#next)
        ready.push(next)
        this.#next++
      } else if (this.#next < settled || this.#waiting.size > MAX_WAITING) {
        // To the nearest that is there, or that may still come.
        const nearest = Math.min(...this.#waiting.keys())
        this.#next = this.#waiting.size > MAX_WAITING ? nearest : Math.min(nearest, settled)
      } else break
    }
    return ready
  }
}
