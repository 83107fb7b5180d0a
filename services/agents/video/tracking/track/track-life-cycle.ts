import type { Detection } from '#schemas/detection.ts'
import { mixLooks } from '../../appearance/appearance.ts'
import { dampVelocity, initBoxFilter, predictBoxFilter, updateBoxFilter } from './kalman-filter.ts'
import { placeWith, seenAsWhole, seenInPart } from './standing.ts'
import type { TrackOptions } from './track-options.ts'
import type { LostObject, TrackState } from './track-state.ts'

/** How fast the speed of an object that is not seen fades: to a third in this time. Milliseconds. */
const VELOCITY_DECAY_MS = 1000
const GROWTH_DECAY_MS = 200
/** After so long unseen the filter is initialised again. Milliseconds. */
const FILTER_RESET_MS = 1000
/** Share of its size that an object may move and still stands. */
const STATIONARY_SHARE = 0.25
/** How much of a newer look goes into that of a track. */
const LOOK_SHARE = 0.15

/** Where it is expected after `elapsedMs`; what was not seen in the last frame slows down. Pure. */
export function predictTrack(track: TrackState, elapsedMs: number, lastMs: number): TrackState {
  const unseen = track.seenMs < lastMs
  const slowed = unseen
    ? dampVelocity(
        track.filter,
        Math.exp(-elapsedMs / VELOCITY_DECAY_MS),
        Math.exp(-elapsedMs / GROWTH_DECAY_MS),
      )
    : track.filter
  return { ...track, filter: predictBoxFilter(slowed, elapsedMs / 1000) }
}

/** A track that begins with its first detection. Pure. */
export function startTrack(
  { class: objectClass, label, score, box, look }: Detection,
  key: number,
  atMs: number,
): TrackState {
  return {
    key,
    id: 0,
    class: objectClass,
    votes: [[label, score]],
    score,
    filter: initBoxFilter(box),
    box,
    bornMs: atMs,
    seenMs: atMs,
    hits: 1,
    stillAt: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2],
    stillSinceMs: atMs,
    bornAt: box,
    ...(look !== undefined && { look }),
  }
}

/** A lost object that was found again in its place: the same as before, and what it stood counts on. Pure. */
export function recallTrack(
  object: LostObject,
  detection: Detection,
  atMs: number,
  options: Pick<TrackOptions, 'stillMs'>,
): TrackState {
  const { velocity: _velocity, preset: _preset, ...known } = object
  const { place, seenMs, stillSinceMs } = known
  const sinceMs = stillSinceMs + atMs - seenMs
  const track: TrackState = {
    ...known,
    filter: initBoxFilter(place),
    box: place,
    stillAt: [(place[0] + place[2]) / 2, (place[1] + place[3]) / 2],
    seenMs: atMs,
    stillSinceMs: sinceMs,
    placeSinceMs: sinceMs,
    recalledMs: atMs,
  }
  return updateTrack(track, detection, atMs, options)
}

/** A track that was found again. Pure. */
export function updateTrack(
  track: TrackState,
  { label, score, box, look }: Detection,
  atMs: number,
  { stillMs }: Pick<TrackOptions, 'stillMs'>,
): TrackState {
  const seen = { score, seenMs: atMs, hits: track.hits + 1, votes: withVote(track.votes, label, score) }
  if (track.place && seenInPart(track, box, atMs))
    return {
      ...track,
      ...seen,
      filter: updateBoxFilter(track.filter, track.place),
      box: track.place,
      partMs: track.partMs ?? atMs,
    }
  const { partMs: _part, ...whole } = track
  const grown = seenAsWhole(track, box)
  const filter =
    grown || atMs - track.seenMs > FILTER_RESET_MS ? initBoxFilter(box) : updateBoxFilter(track.filter, box)
  const [[x], [y], [width], [height]] = filter
  const [stillX, stillY] = grown ? [x, y] : track.stillAt
  const moved = Math.hypot(x - stillX, y - stillY) > STATIONARY_SHARE * Math.sqrt(width * height)
  const stands = !moved && atMs - track.stillSinceMs >= stillMs
  const mixed = mixLooks(track.look, look, LOOK_SHARE)
  return {
    ...whole,
    ...seen,
    filter,
    box,
    stillAt: moved ? [x, y] : [stillX, stillY],
    // What has a place roams once it has left it.
    ...(moved && { stillSinceMs: atMs, ...(!track.place && { roamed: true }) }),
    ...(stands && {
      place: grown ? box : placeWith(track.place, box),
      placeSinceMs: track.placeSinceMs ?? track.stillSinceMs,
    }),
    ...(mixed !== undefined && { look: mixed }),
  }
}

function withVote(votes: TrackState['votes'], label: string, score: number): TrackState['votes'] {
  if (!votes.some(([voted]) => voted === label)) return [...votes, [label, score]]
  return votes.map(([voted, sum]) => [voted, voted === label ? sum + score : sum])
}

/** How it moved when it was last seen, though that has faded since. Shares of the picture a second. Pure. */
export function lastVelocity({ filter: [[, x], [, y]], seenMs }: TrackState, atMs: number): [number, number] {
  const faded = Math.exp(-Math.max(0, atMs - seenMs) / VELOCITY_DECAY_MS)
  return [x / faded, y / faded]
}

/** Whether a track that was not seen stays alive. Pure. */
export function survives(
  track: TrackState,
  { lastMs, atMs, options }: { lastMs: number; atMs: number; options: TrackOptions },
): boolean {
  const [[x], [y]] = track.filter
  if (x < 0 || x > 1 || y < 0 || y > 1) return false
  // For one frame at least, however few there are.
  if (track.seenMs === lastMs) return true
  if (track.id === 0) return atMs - track.seenMs <= options.tentativeMs
  return atMs - track.seenMs <= maxUnseenMs(track, options)
}

/** How long after it was last seen it may still be found. Milliseconds. Pure. */
export function maxUnseenMs(track: TrackState, options: TrackOptions): number {
  const stoodMs = track.seenMs - track.stillSinceMs
  if (stoodMs < options.stillMs) return options.lostMs
  if (track.class === 'person') return options.stoodMs
  return Math.min(options.parkedMs, Math.max(options.stoodMs, stoodMs))
}

/** Whether it has been seen often and long enough to be believed. Pure. */
export function isConfirmable({ hits, bornMs, seenMs }: TrackState, options: TrackOptions): boolean {
  const ageMs = seenMs - bornMs
  if (hits >= options.confirmHits) return ageMs >= options.confirmMs
  return hits >= 2 && ageMs >= options.confirmSlowMs
}
