import type { Box } from '#schemas/geometry.ts'
import { boxArea, containment } from '../geometry.ts'
import type { TrackState } from './track-state.ts'

/** A box that lies in the place of an object by this share and is smaller than that share of it shows only a part of it. */
const PART_INSIDE = 0.8
const PART_AREA = 0.6
/** No smaller than this share: a mirror of a car is no car. */
const SMALLEST_PART = 1 / 12
/** A box that changes by this factor from one frame to the next has jumped; what walks away changes slowly. */
const JUMP = 0.75
/** So long an object may be seen in part; then that is all there is of it. Milliseconds. */
const PART_MS = 60_000
/** How much of a newer box goes into the place of what stands. */
const PLACE_SHARE = 0.1

/** Whether a box shows a part of what stands at a place. Pure. */
export function isPartOf(place: Box, box: Box): boolean {
  const share = boxArea(box) / boxArea(place)
  return share < PART_AREA && share > SMALLEST_PART && containment(place, box) >= PART_INSIDE
}

/** How a detection of what stands somewhere is to be taken: as the whole of it, or as a part: then it is where it was. */
export function seenInPart(track: TrackState, box: Box, atMs: number): boolean {
  if (!track.place || !isPartOf(track.place, box)) return false
  if (track.partMs !== undefined) return atMs - track.partMs <= PART_MS
  return boxArea(box) < JUMP * boxArea(track.box)
}

/** Whether it was a part all the time, and now is there as a whole. Pure. */
export function seenAsWhole(track: TrackState, box: Box): boolean {
  return track.place !== undefined && isPartOf(box, track.place) && boxArea(track.box) < JUMP * boxArea(box)
}

/** The place of what stands, with one more box. Pure. */
export function placeWith(place: Box | undefined, box: Box): Box {
  return place ? (place.map((value, i) => value + PLACE_SHARE * (box[i]! - value)) as Box) : box
}
