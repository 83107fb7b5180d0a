import { estimatedBox, initBoxFilter } from './kalman-filter.ts'
import { rememberLost } from './lost-objects.ts'
import { predictTrack, survives } from './track-life-cycle.ts'
import type { TrackOptions } from './track-options.ts'
import type { LostObject, TrackerState, TrackState } from './track-state.ts'

/**
 * The tracker after a frame that was not looked at, since nothing has moved:
 *
 *   seen in the look before       is there, where it was, at rest
 *   not seen then, but stood      can't have left without moving: it gets no older
 *   not seen then, on its way     gets older, as in any frame: it may be behind something
 *   lost where it stood           gets no older either
 *
 * Pure.
 * @param atMs of the frame, on the tracker's time line
 */
export function holdTracker(
  state: TrackerState,
  { atMs, preset, options }: { atMs: number; preset: number; options: TrackOptions },
): TrackerState {
  const { atMs: lastMs } = state
  if (lastMs === undefined) return state
  const elapsedMs = Math.max(0, atMs - lastMs)
  const tracks: TrackState[] = []
  const gone: TrackState[] = []
  for (const track of state.tracks) {
    const held = holdTrack(track, { lastMs, atMs, options })
    if (track.seenMs === lastMs || survives(held, { lastMs, atMs, options })) tracks.push(held)
    else gone.push(held)
  }
  const lost = (state.lost ?? []).map((object) =>
    stood(object, options) ? later(object, elapsedMs) : object,
  )
  return { ...state, atMs, tracks, lost: [...rememberLost(lost, gone, { atMs, preset, options })] }
}

function holdTrack(
  track: TrackState,
  { lastMs, atMs, options }: { lastMs: number; atMs: number; options: TrackOptions },
): TrackState {
  // It was known again in the frame before; rules have taken note.
  const { bornAs: _known, ...same } = track
  if (track.seenMs === lastMs)
    return { ...same, seenMs: atMs, filter: initBoxFilter(estimatedBox(track.filter)) }
  const elapsedMs = Math.max(0, atMs - lastMs)
  const expected = predictTrack(same, elapsedMs, lastMs)
  return track.id > 0 && stood(track, options) ? later(expected, elapsedMs) : expected
}

function stood({ seenMs, stillSinceMs }: TrackState | LostObject, { stillMs }: TrackOptions): boolean {
  return seenMs - stillSinceMs >= stillMs
}

/** As if it had been seen later by so much: how long it has been unseen stays the same. */
function later<Seen extends { seenMs: number }>(seen: Seen, elapsedMs: number): Seen {
  return { ...seen, seenMs: seen.seenMs + elapsedMs }
}
