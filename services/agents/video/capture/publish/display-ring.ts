import type { YuvPicture } from '../../pictures/picture.ts'
import { CAPTURE_LIMITS } from '../limits.ts'

/** The latest frames as people see them. */
export interface DisplayRing {
  /** A buffer of this many bytes to fill; one that has left the ring where there is one. */
  lend(bytes: number): Buffer
  /** Takes back a buffer that was not put. */
  giveBack(buffer: Buffer): void
  /** `atMs`: the moment that it shows. Unix milliseconds. */
  put(seq: number, picture: YuvPicture & { yuv420p: Buffer }, atMs?: number): void
  /**
   * The frame, when it is still there. Its bytes are written over once it has left the ring: what needs them for longer
   * than the current turn copies them.
   */
  get(seq: number): YuvPicture | undefined
  /** The moment that a frame shows which is still there: Unix milliseconds. */
  timeOf(seq: number): number | undefined
  /** The newest frame, in the same way; undefined: there was none yet. */
  newest(): YuvPicture | undefined
}

/** Keeps the last frames and reuses their memory: at 100 frames a second, collecting it would be half of the work. */
export function createDisplayRing(maxFrames: number = CAPTURE_LIMITS.ringFrames): DisplayRing {
  const kept = new Map<number, YuvPicture & { yuv420p: Buffer; atMs: number }>()
  let spare: Buffer[] = []
  let newest: YuvPicture | undefined
  return {
    lend(bytes) {
      // Of another size after the source has changed.
      spare = spare.filter((buffer) => buffer.length === bytes)
      return spare.pop() ?? Buffer.allocUnsafeSlow(bytes)
    },
    giveBack: (buffer) => void spare.push(buffer),
    put(seq, picture, atMs = 0) {
      kept.set(seq, { ...picture, atMs })
      newest = picture
      if (kept.size <= maxFrames) return
      const [oldest, gone] = kept.entries().next().value!
      kept.delete(oldest)
      spare.push(gone.yuv420p)
    },
    get: (seq) => kept.get(seq),
    timeOf: (seq) => kept.get(seq)?.atMs,
    newest: () => newest,
  }
}
