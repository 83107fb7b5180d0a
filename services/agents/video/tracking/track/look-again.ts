import { estimatedBox } from './kalman-filter.ts'
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

/** How soon it wants the next look while something moves. */
export const LOOK_MOVING = {
  /** When it knows of everything that is there where it goes. Milliseconds. */
  knownMs: 200,
  /** For that it must not move on in this time by more than so much of itself: the share of its box that it still covers. */
  leastOverlap: 0.5,
  /** At the border of the picture its box shrinks or grows as well: there it has to stand. Shares: of the picture, and as above. */
  border: 0.01,
  borderOverlap: 0.95,
  /** What was not seen is searched in every frame for so long. Milliseconds. */
  searchedMs: 500,
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

/**
 * How soon the next look is wanted while something moves: 0, the next frame, where something is new, was just lost or is so fast that it
 * could be taken for another. What walks is followed as well with half of ten frames a second. Pure.
 */
export function lookMovingMs({ atMs, tracks }: TrackerState): number {
  if (atMs === undefined) return 0
  return tracks.every((track) => isFollowed(track, atMs)) ? LOOK_MOVING.knownMs : 0
}

function isFollowed(track: TrackState, atMs: number): boolean {
  if (track.id === 0) return false
  const unseenMs = atMs - track.seenMs
  if (unseenMs > 0) return unseenMs > LOOK_MOVING.searchedMs
  const [left, top, right, bottom] = estimatedBox(track.filter)
  const [[, vx], [, vy]] = track.filter
  const seconds = LOOK_MOVING.knownMs / 1000
  const covered = (speed: number, size: number) => Math.max(0, 1 - (Math.abs(speed) * seconds) / size)
  const { border, borderOverlap, leastOverlap } = LOOK_MOVING
  const isAtBorder = Math.min(left, top, 1 - right, 1 - bottom) < border
  const overlap = covered(vx, right - left) * covered(vy, bottom - top)
  return overlap >= (isAtBorder ? borderOverlap : leastOverlap)
}
