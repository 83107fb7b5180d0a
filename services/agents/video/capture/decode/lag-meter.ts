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
 * A camera's clock may go slower than ours by so much without counting as lag: one part in five hundred is more than any crystal is off,
 * and hides only a backlog that grows by 2 ms a second.
 */
const CLOCK_DRIFT = 0.002

/**
 * Measures the stream's own time against the wall. The smallest difference of both that was seen belongs to a picture that had not waited
 * anywhere; what a later one differs more, it has waited: in a socket, in the decoder, in the camera. A picture that is as old
 * as all others since the opening can't be told from a fresh one. Pure.
 *
 * @param limitMs what counts as too old
 */
export function createLagMeter(limitMs: number): LagMeter {
  let last: { mediaMs: number; nowMs: number } | undefined
  let leastMs = 0
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
      if (last && mediaMs <= last.mediaMs) leastMs = differenceMs - lagMs
      else {
        const driftMs = last ? CLOCK_DRIFT * (nowMs - last.nowMs) : 0
        leastMs = last ? Math.min(leastMs + driftMs, differenceMs) : differenceMs
      }
      last = { mediaMs, nowMs }
      lagMs = differenceMs - leastMs
      overSinceMs = lagMs > limitMs ? (overSinceMs ?? nowMs) : undefined
      return lagMs
    },
  }
}
