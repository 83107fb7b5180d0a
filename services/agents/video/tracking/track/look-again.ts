import { maxUnseenMs } from './track-life-cycle.ts'
import type { TrackOptions } from './track-options.ts'
import type { TrackerState, TrackState } from './track-state.ts'

/** How soon a tracker wants the next look at a picture in which nothing moves. Milliseconds. */
export const LOOK_AGAIN = {
  /** At what stands there, … */
  standingMs: 1000,
  /** … and at what has stood for so long already, half as often. */
  settledAfterMs: 10_000,
  settledMs: 2000,
  /** What has moved a quarter of its size within this may move on. */
  restlessMs: 1000,
  /** Where nothing is: as rarely as capture likes. */
  nothingMs: 60_000,
} as const

/** 0: the next frame, since something is not certain yet. Pure. */
export function lookAgainMs({ atMs, tracks }: TrackerState, options: TrackOptions): number {
  let soonest: number = LOOK_AGAIN.nothingMs
  if (atMs === undefined) return soonest
  for (const track of tracks) soonest = Math.min(soonest, wishFor(track, atMs, options))
  return soonest
}

function wishFor(track: TrackState, atMs: number, options: TrackOptions): number {
  // Not sure yet: another look or two decide.
  if (track.id === 0) return 0
  const unseenMs = atMs - track.seenMs
  if (unseenMs > 0)
    return unseenMs <= Math.min(options.lostMs, maxUnseenMs(track, options)) ? 0 : LOOK_AGAIN.standingMs
  const stoodMs = atMs - track.stillSinceMs
  if (stoodMs < LOOK_AGAIN.restlessMs) return 0
  return stoodMs < LOOK_AGAIN.settledAfterMs ? LOOK_AGAIN.standingMs : LOOK_AGAIN.settledMs
}
