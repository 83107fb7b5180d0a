/** What a picture's time differs from the wall when it has not waited anywhere, while the camera's clock goes too slow. */
export interface ClockDrift {
  /**
   * A picture came. `differenceMs`: monotonic milliseconds less its time in the stream. `nowMs`: monotonic.
   * @returns the difference that a picture has now which did not wait; never more than that of this one
   */
  add(differenceMs: number, nowMs: number): number
  /** The stream's time has begun anew: from now on this is the difference without a wait. What is known of the clock's speed stays. */
  restart(differenceMs: number, nowMs: number): void
}

/** Counts for nothing, whatever was learned: more than any crystal is off, and hides only a backlog that grows by 2 ms a second. */
const SLACK = 0.002
/** What falls behind by more than one part in a hundred is no clock. */
const MAX_DRIFT = 0.01
/** Of each window the picture that waited least counts. Milliseconds. */
const WINDOW_MS = 10_000
/** So many of them say how slow the clock is, … */
const WINDOWS = 9
/** … from the fourth on. */
const FEWEST_WINDOWS = 4

interface Point {
  differenceMs: number
  atMs: number
}

/**
 * Tells a slow clock from a backlog. A clock loses the same in every window, and little; a backlog grows faster than any clock is
 * wrong, or came with a stall and stays. So the clock is as slow as all windows but one in four say at least. What a backlog grows by less
 * than that a second can't be told from it. One that is too fast needs no help: each of its pictures is the freshest. Pure
 * but for its memory, which is bounded.
 */
export function createClockDrift(): ClockDrift {
  /** The difference without a wait at some moment, from all windows that are forgotten. */
  let base: Point | undefined
  let windows: Point[] = []
  let current: { least: Point; startMs: number } | undefined
  /** Milliseconds that the clock loses a millisecond. */
  let drift = 0

  function at({ differenceMs, atMs }: Point, nowMs: number): number {
    return differenceMs + (drift + SLACK) * (nowMs - atMs)
  }

  function close(window: Point): void {
    windows.push(window)
    if (windows.length >= FEWEST_WINDOWS) drift = driftOf(windows)
    if (windows.length < WINDOWS) return
    const oldest = windows.shift()!
    base = { differenceMs: Math.min(at(base!, oldest.atMs), oldest.differenceMs), atMs: oldest.atMs }
  }

  return {
    add(differenceMs, nowMs) {
      const point = { differenceMs, atMs: nowMs }
      base ??= point
      if (current && nowMs - current.startMs >= WINDOW_MS) {
        close(current.least)
        current = undefined
      }
      current ??= { least: point, startMs: nowMs }
      if (differenceMs < current.least.differenceMs) current.least = point
      return Math.min(...[base, ...windows, current.least, point].map((one) => at(one, nowMs)))
    },
    restart(differenceMs, nowMs) {
      base = { differenceMs, atMs: nowMs }
      windows = []
      current = undefined
    },
  }
}

function driftOf(windows: readonly Point[]): number {
  const lost = windows
    .slice(1)
    .map(({ differenceMs, atMs }, i) => (differenceMs - windows[i]!.differenceMs) / (atMs - windows[i]!.atMs))
    .sort((a, b) => a - b)
  return Math.max(0, Math.min(MAX_DRIFT, lost[Math.floor((lost.length - 1) / 4)]!))
}
