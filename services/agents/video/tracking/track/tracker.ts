import type { Track } from '#schemas/camera.ts'
import type { Detection } from '#schemas/detection.ts'
import type { Box } from '#schemas/geometry.ts'
import { boxArea, clipBox, containment } from '../geometry.ts'
import { associateDetections } from './association-cascade.ts'
import { confirmTracks } from './confirm-tracks.ts'
import { estimatedBox } from './kalman-filter.ts'
import { recallByPlace, rememberLost, stood } from './lost-objects.ts'
import { predictTrack, recallTrack, startTrack, survives, updateTrack } from './track-life-cycle.ts'
import type { TrackOptions } from './track-options.ts'
import type { LostObject, TrackerState, TrackState } from './track-state.ts'

/** What a detector saw in one frame. */
export interface FrameDetections {
  /** On a time line that never goes back. Milliseconds. */
  atMs: number
  detections: readonly Detection[]
  /** The view of a camera that turns: what was lost in another one is not looked for. The first unless given. */
  preset?: number
}

/** Maximum of detections per frame, best scores first, and of tracks: the work grows with them. */
const MAX_DETECTIONS = 300
const MAX_TRACKS = 1000
/** A detection that lies in a seen object of its class by this share, and is no smaller than that share of it, is a part of it. */
const PART_INSIDE = 0.8
const PART_AREA = 0.25
/** So long after a camera began to turn that is known. Milliseconds. */
const TURN_NOTICED_MS = 1000

/** The tracker after one more frame: predict → associate → recall what was lost → start tracks with what is left. Pure. */
export function stepTracker(
  state: TrackerState,
  frame: FrameDetections,
  options: TrackOptions,
): TrackerState {
  const { atMs } = frame
  const lastMs = state.atMs ?? atMs
  const expected = state.tracks.map((track) => predictTrack(track, Math.max(0, atMs - lastMs), lastMs))
  const preset = frame.preset ?? 1
  const isHere = (object: LostObject) => (object.preset ?? 1) === preset
  const { pairs, ...association } = associateDetections(expected, topDetections(frame.detections), {
    ...{ lastMs, atMs, options },
    lost: state.lost?.filter((object) => isHere(object) && stood(object, options)) ?? [],
  })
  const found = pairs.map(([track, detection]) => updateTrack(track, detection, atMs, options))
  const missed = association.tracks.filter((track) => survives(track, { lastMs, atMs, options }))
  const gone = association.tracks.filter((track) => !missed.includes(track))
  const lost = rememberLost(state.lost ?? [], gone, { atMs, preset, options })
  const { recalled, left } = recallByPlace(
    lost.filter(isHere),
    association.detections.filter((detection) => !isPartOfTrack(detection, found)),
    { atMs, alive: keysOf([...found, ...missed]), options },
  )
  const seen = [
    ...found,
    ...recalled.map(([object, detection]) => recallTrack(object, detection, atMs, options)),
  ]
  const started = left
    .filter((detection) => detection.score >= options.highScore && !isPartOfTrack(detection, seen))
    .map((detection, i) => startTrack(detection, state.births + i + 1, atMs))
  const tracks = [...seen, ...missed, ...started].slice(0, MAX_TRACKS)
  const births = state.births + started.length
  return confirmTracks(
    { atMs, births, confirmed: state.confirmed, tracks, lost: [...lost] },
    { preset, options },
  )
}

/** The tracker when the camera turns away from a view: all that was there is lost, and looked for when that view is back. Pure. */
export function leaveView(state: TrackerState, preset: number, options: TrackOptions): TrackerState {
  const { atMs = 0, lost = [] } = state
  const tracks = state.tracks.map((track) => backInPlace(track, atMs))
  return { ...state, tracks: [], lost: [...rememberLost(lost, tracks, { atMs, preset, options })] }
}

/** A turn begins before it is noticed: what left its place just then did not. */
function backInPlace({ left, ...track }: TrackState, atMs: number): TrackState {
  if (!left || atMs - left.atMs > TURN_NOTICED_MS) return track
  return { ...track, place: left.place, placeSinceMs: left.sinceMs, roamed: left.roamed }
}

function keysOf(tracks: readonly TrackState[]): ReadonlySet<number> {
  return new Set(tracks.map(({ key }) => key))
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
  /** The key that it had until this frame, before it was known again. */
  bornAs?: number | undefined
  /** It has moved off from the place of another that it was taken for. */
  apart?: boolean
  /** What it looks like, as far as that is known. */
  look?: string
  /** It has never been seen elsewhere than where it first appeared. */
  unmoved?: boolean
  /** The place in which it is at rest, until it has left that. */
  place?: Box
  /** The learned false positive that it is. */
  falsePositive?: string
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
      ...(track.bornAs !== undefined && { bornAs: track.bornAs }),
      ...(track.apart && { apart: true }),
      ...(track.look !== undefined && { look: track.look }),
      unmoved: !track.roamed,
      ...(track.place && { place: track.place }),
    }))
}

function heaviestLabel({ votes }: TrackState): string {
  return votes.reduce((heaviest, vote) => (vote[1] > heaviest[1] ? vote : heaviest))[0]
}
