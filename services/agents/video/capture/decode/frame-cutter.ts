/** Cuts a stream of bytes into frames of one size. */
export interface FrameCutter {
  /** While it is true no frame is given. */
  isHeld: boolean
  /** Takes bytes in and gives every frame that is whole by that. @returns how many it took: fewer when it was held meanwhile */
  take(part: Uint8Array): number
}

/**
 * Each byte is copied once, into a buffer that `lend` gives and that belongs to `onFrame` from then on. What is left of a
 * frame at the end of a stream is never given. Pure.
 */
export function createFrameCutter(
  frame: { bytes: number; lend: () => Buffer },
  onFrame: (frame: Buffer) => void,
): FrameCutter {
  let current: Buffer | undefined
  let filled = 0
  const cutter = {
    isHeld: false,
    take(part: Uint8Array): number {
      let at = 0
      while (at < part.length && !cutter.isHeld) {
        current ??= frame.lend()
        const to = Math.min(part.length, at + frame.bytes - filled)
        current.set(part.subarray(at, to), filled)
        filled += to - at
        at = to
        if (filled < frame.bytes) continue
        const whole = current
        current = undefined
        filled = 0
        onFrame(whole)
      }
      return at
    },
  }
  return cutter
}
