import { createClockDrift } from './clock-drift.ts'

/** How old pictures are when they are decoded. */
export interface LagMeter {
  /** How old the last picture was. Milliseconds; 0 before the first. */
  readonly lagMs: number
  /** Since when every picture was older than the limit; undefined while the last one is not. Monotonic milliseconds. */
  readonly overSinceMs: number | undefined
  /** A picture came out of the decoder. `mediaMs`: its time in the stream. `nowMs`: monotonic. @returns its lag in milliseconds */
  add(mediaMs: number, nowMs: number): number
}

/**
 * Measures the stream's own time against the wall. The smallest difference of both that was seen, moved on by what the camera's clock goes
 * wrong (`createClockDrift`), belongs to a picture that had not waited anywhere; what a later one differs more, it has waited: in a socket,
 * in the decoder, in the camera. A picture that is as old as all others since the opening can't be told from a fresh one. Pure.
 *
 * @param limitMs what counts as too old
 */
export function createLagMeter(limitMs: number): LagMeter {
  const drift = createClockDrift()
  let last: { mediaMs: number; shownMs: number } | undefined
  let lagMs = 0
  let overSinceMs: number | undefined
  return {
    get lagMs() {
      return lagMs
    },
    get overSinceMs() {
      return overSinceMs
    },
    add(mediaMs, nowMs) {
      const differenceMs = nowMs - mediaMs
      // Its time went back, as of a stream that begins anew: what was under way before it still is.
      if (last && mediaMs <= last.mediaMs) drift.restart(differenceMs - lagMs, nowMs)
      const freshMs = drift.add(differenceMs, nowMs)
      // What is shown never goes back, whatever is learned of the clock.
      const shownMs = Math.max(last?.shownMs ?? Number.NEGATIVE_INFINITY, mediaMs + freshMs)
      last = { mediaMs, shownMs }
      lagMs = nowMs - shownMs
      overSinceMs = lagMs > limitMs ? (overSinceMs ?? nowMs) : undefined
      return lagMs
    },
  }
}
