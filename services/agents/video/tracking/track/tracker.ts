import type { Track } from '#schemas/camera.ts'
import type { Detection } from '#schemas/detection.ts'
import { boxArea, clipBox, containment } from '../geometry.ts'
import { associateDetections } from './association-cascade.ts'
import { estimatedBox } from './kalman-filter.ts'
import {
  confirmTracks,
  holdTrack,
  predictTrack,
  startTrack,
  survives,
  updateTrack,
} from './track-life-cycle.ts'
import type { TrackOptions } from './track-options.ts'
import type { TrackerState, TrackState } from './track-state.ts'

/** What a detector saw in one frame. */
export interface FrameDetections {
  /** On a time line that never goes back. Milliseconds. */
  atMs: number
  detections: readonly Detection[]
}

/** Maximum of detections per frame, best scores first, and of tracks: the work grows with them. */
const MAX_DETECTIONS = 300
const MAX_TRACKS = 1000
/** A detection that lies in a seen object of its class by this share, and is no smaller than that share of it, is a part of it. */
const PART_INSIDE = 0.8
const PART_AREA = 0.25

/** The tracker after one more frame: predict → associate → start tracks with what is left. Pure. */
export function stepTracker(
  state: TrackerState,
  frame: FrameDetections,
  options: TrackOptions,
): TrackerState {
  const { atMs } = frame
  const lastMs = state.atMs ?? atMs
  const expected = state.tracks.map((track) => predictTrack(track, Math.max(0, atMs - lastMs), lastMs))
  const association = associateDetections(expected, topDetections(frame.detections), {
    lastMs,
    atMs,
    options,
  })
  const seen = association.pairs.map(([track, detection]) => updateTrack(track, detection, atMs))
  const missed = association.tracks.filter((track) => survives(track, { lastMs, atMs, options }))
  const started = association.detections
    .filter((detection) => detection.score >= options.highScore && !isPartOfTrack(detection, seen))
    .map((detection, i) => startTrack(detection, state.births + i + 1, atMs))
  const tracks = [...seen, ...missed, ...started].slice(0, MAX_TRACKS)
  return confirmTracks(
    { atMs, births: state.births + started.length, confirmed: state.confirmed, tracks },
    options,
  )
}

/** The tracker after a frame that was not looked at, since nothing has moved: what was seen is there, all else gets older. Pure. */
export function holdTracker(state: TrackerState, atMs: number, options: TrackOptions): TrackerState {
  const { atMs: lastMs } = state
  if (lastMs === undefined) return state
  const tracks = state.tracks.flatMap((track) => {
    if (track.seenMs === lastMs) return [holdTrack(track, atMs)]
    const expected = predictTrack(track, Math.max(0, atMs - lastMs), lastMs)
    return survives(expected, { lastMs, atMs, options }) ? [expected] : []
  })
  return { ...state, atMs, tracks }
}

function topDetections(detections: readonly Detection[]): readonly Detection[] {
  const real = detections.filter(({ box }) => boxArea(box) > 0)
  if (real.length <= MAX_DETECTIONS) return real
  return real.toSorted((a, b) => b.score - a.score).slice(0, MAX_DETECTIONS)
}

/** Half a person before a lamp post is no second person. One far behind is much smaller. */
function isPartOfTrack(detection: Detection, seen: readonly TrackState[]): boolean {
  return seen.some(
    (track) =>
      track.class === detection.class &&
      boxArea(detection.box) > PART_AREA * boxArea(track.box) &&
      containment(track.box, detection.box) > PART_INSIDE,
  )
}

/** A track as rules see it. Times on the tracker's time line. */
export interface ObservedTrack extends Omit<Track, 'zones' | 'id'> {
  /** 0 while it is not confirmed. */
  id: number
  /** The same from birth on. */
  key: number
  bornMs: number
}

/**
 * What is in the picture now: confirmed tracks that are seen or were a moment ago, and new ones that are seen but not
 * confirmed yet, so that rules know where these began. Pure.
 */
export function observedTracks({ tracks, atMs }: TrackerState, { coastMs }: TrackOptions): ObservedTrack[] {
  if (atMs === undefined) return []
  return tracks
    .filter(({ id, seenMs }) => seenMs === atMs || (id > 0 && atMs - seenMs <= coastMs))
    .map((track) => ({
      key: track.key,
      id: track.id,
      class: track.class,
      label: heaviestLabel(track),
      score: track.score,
      box: clipBox(estimatedBox(track.filter)),
      predicted: track.seenMs < atMs,
      bornMs: track.bornMs,
    }))
}

function heaviestLabel({ votes }: TrackState): string {
  return votes.reduce((heaviest, vote) => (vote[1] > heaviest[1] ? vote : heaviest))[0]
}
