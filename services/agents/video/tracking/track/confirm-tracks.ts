import type { Box } from '#schemas/geometry.ts'
import { boxArea, containment } from '../geometry.ts'
import { recallWalker } from './lost-objects.ts'
import { isConfirmable } from './track-life-cycle.ts'
import type { TrackOptions } from './track-options.ts'
import type { LostObject, TrackerState, TrackState } from './track-state.ts'

/** What moves off so soon after it was found again in its place was another one: it came out of a door there. Milliseconds. */
const SPLIT_MS = 5000
/** It has moved off when its centre has, by this share of its size, and this little of it is left in the place. */
const MOVED_SHARE = 0.5
const LEFT_INSIDE = 0.7

/**
 * Says who is who after a frame: gives ids to tracks that have become sure, or the identity of a lost object that looks the same; takes an
 * identity back from what moves off right after it got it by its place alone. Pure.
 */
export function confirmTracks(
  state: TrackerState,
  { preset, options }: { preset: number; options: TrackOptions },
): TrackerState {
  const { atMs = 0 } = state
  const confirmed = { ...state.confirmed }
  let { births } = state
  let lost = state.lost ?? []
  const alive = new Set(state.tracks.map(({ key }) => key))
  const tracks = state.tracks.map((given) => {
    const { bornAs: _known, ...track } = given
    if (track.id > 0) {
      if (track.seenMs < atMs || !hasLeft(track)) return track
      const { recalledMs, ...moving } = leavePlace(track, atMs)
      if (recalledMs !== undefined && atMs - recalledMs <= SPLIT_MS) return another(moving)
      lost = without(lost, track.key)
      return moving
    }
    if (!isConfirmable(track, options)) return track
    const here = lost.filter((object) => (object.preset ?? 1) === preset)
    const known = recallWalker(here, track, alive)
    if (!known) return { ...track, id: nextId(track) }
    lost = without(lost, known.key)
    alive.add(known.key)
    return sameAs(known, track)
  })
  return { ...state, births, confirmed, tracks, lost: [...lost] }

  function nextId(track: Pick<TrackState, 'class'>): number {
    confirmed[track.class] += 1
    return confirmed.person + confirmed.vehicle
  }

  function another(track: TrackState): TrackState {
    births += 1
    return { ...track, key: births, id: nextId(track), bornMs: atMs, hits: 1, roamed: true, apart: true }
  }
}

/** Goes on as the lost one, where the new track is. */
function sameAs({ key, id, bornMs, votes, hits }: LostObject, track: TrackState): TrackState {
  return {
    ...track,
    key,
    id,
    bornMs,
    bornAs: track.key,
    hits: hits + track.hits,
    votes: [...votes, ...track.votes.filter(([label]) => !votes.some(([known]) => known === label))],
    roamed: true,
  }
}

function leavePlace({ place, placeSinceMs, ...track }: TrackState, atMs: number): TrackState {
  const { stillSinceMs, roamed = false } = track
  const left = place && { place, sinceMs: placeSinceMs ?? stillSinceMs, roamed, atMs }
  return { ...track, roamed: true, ...(left && { left }) }
}

/** Whether it is not where it last stood any more. */
function hasLeft({ place, box }: TrackState): boolean {
  if (!place) return false
  const far = Math.hypot(...middle(place, box)) > MOVED_SHARE * Math.sqrt(boxArea(place))
  return far && containment(place, box) < LEFT_INSIDE
}

function middle(a: Box, b: Box): [number, number] {
  return [(a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2]
}

function without(lost: readonly LostObject[], key: number): LostObject[] {
  return lost.filter((object) => object.key !== key)
}
