import type { Detections } from '#schemas/detection.ts'

/** Detectors that are remembered; of one that was forgotten it counts from what it tells next. */
const MAX_DETECTORS = 256

/**
 * How many frames detectors let go of a camera. Each tells the sum since its capture began; what is counted here is what has come since
 * it told last. Of a capture that this tracker resumes, another one has counted what came before.
 */
export class SkippedFrames {
  readonly #resumedEpoch: number | undefined
  /** Sums by detector, of the newest epoch. */
  readonly #told = new Map<string, number>()
  #epoch = 0

  constructor(resumedEpoch?: number) {
    this.#resumedEpoch = resumedEpoch
  }

  /** @returns frames that were let go since this detector told last; 0 of a capture that was replaced */
  since({ epoch, detector, skipped }: Pick<Detections, 'epoch' | 'detector' | 'skipped'>): number {
    if (epoch < this.#epoch) return 0
    if (epoch > this.#epoch) this.#told.clear()
    this.#epoch = epoch
    const unknown = epoch === this.#resumedEpoch || this.#told.size === MAX_DETECTORS ? skipped : 0
    const before = this.#told.get(detector) ?? unknown
    // Two answers of one detector may come in another order.
    this.#told.set(detector, Math.max(before, skipped))
    if (this.#told.size > MAX_DETECTORS) this.#told.delete(this.#told.keys().next().value!)
    return Math.max(0, skipped - before)
  }
}
