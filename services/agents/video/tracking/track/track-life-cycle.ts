import type { Detection } from '#schemas/detection.ts'
import {
  dampVelocity,
  estimatedBox,
  initBoxFilter,
  predictBoxFilter,
  updateBoxFilter,
} from './kalman-filter.ts'
import type { TrackOptions } from './track-options.ts'
import type { TrackerState, TrackState } from './track-state.ts'

/** How fast the speed of an object that is not seen fades: to a third in this time. Milliseconds. */
const VELOCITY_DECAY_MS = 1000
const GROWTH_DECAY_MS = 200
/** After so long unseen the filter is initialised again. Milliseconds. */
const FILTER_RESET_MS = 1000
/** Share of its size that an object may move and still stands. */
const STATIONARY_SHARE = 0.25

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

/** A track that was seen in the last frame, in one in which nothing has moved since: it is where it was, and at rest. Pure. */
export function holdTrack(track: TrackState, atMs: number): TrackState {
  return { ...track, seenMs: atMs, filter: initBoxFilter(estimatedBox(track.filter)) }
}

/** A track that begins with its first detection. Pure. */
export function startTrack(
  { class: objectClass, label, score, box }: Detection,
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
  }
}

/** A track that was found again. Pure. */
export function updateTrack(track: TrackState, { label, score, box }: Detection, atMs: number): TrackState {
  const filter =
    atMs - track.seenMs > FILTER_RESET_MS ? initBoxFilter(box) : updateBoxFilter(track.filter, box)
  const [[x], [y], [width], [height]] = filter
  const [stillX, stillY] = track.stillAt
  const moved = Math.hypot(x - stillX, y - stillY) > STATIONARY_SHARE * Math.sqrt(width * height)
  return {
    ...track,
    filter,
    box,
    score,
    votes: withVote(track.votes, label, score),
    seenMs: atMs,
    hits: track.hits + 1,
    ...(moved && { stillAt: [x, y], stillSinceMs: atMs }),
  }
}

function withVote(votes: TrackState['votes'], label: string, score: number): TrackState['votes'] {
  if (!votes.some(([voted]) => voted === label)) return [...votes, [label, score]]
  return votes.map(([voted, sum]) => [voted, voted === label ? sum + score : sum])
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

/** Gives ids to those that have become sure. Pure. */
export function confirmTracks(state: TrackerState, options: TrackOptions): TrackerState {
  const confirmed = { ...state.confirmed }
  const tracks = state.tracks.map((track) => {
    if (track.id > 0 || !isConfirmable(track, options)) return track
    confirmed[track.class] += 1
    return { ...track, id: confirmed.person + confirmed.vehicle }
  })
  return { ...state, confirmed, tracks }
}

function isConfirmable({ hits, bornMs, seenMs }: TrackState, options: TrackOptions): boolean {
  const ageMs = seenMs - bornMs
  if (hits >= options.confirmHits) return ageMs >= options.confirmMs
  return hits >= 2 && ageMs >= options.confirmSlowMs
}
